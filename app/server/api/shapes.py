"""What answers are made of: the same documents as `--json` of the commands give, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import JsonValue

from app.present.figures import timestamp
from app.present.run import run_document, summary_document
from app.server.api.operation import Model
from workflows.journal.port import Summary
from workflows.runs.state import RunState
from workflows.text import safe_json
from workflows.unattended.values import Start

RunStatus = Literal["pending", "running", "waiting", "paused", "interrupted", "succeeded", "failed", "cancelled"]
OVER = frozenset({"succeeded", "failed", "cancelled"})


class StartAnswer(Model):
    """What asked for a run, and what became of that."""

    key: str
    run: str
    workflow: str
    version: int
    cause: str
    by: str
    priority: int
    asked: str | None
    due: str | None
    status: Literal["queued", "started", "skipped", "refused"]
    why: str


class WaitingLine(Model):
    """One thing that waits for a person."""

    entry: str
    step: str
    reason: str
    title: str


class Steps(Model):
    """How many steps a run has."""

    done: int
    total: int
    failed: int


class RunLine(Model):
    """A run in a list. `cost_usd` is null where it is not known, or nothing was spent."""

    run: str
    workflow: str
    title: str
    status: RunStatus
    simulated: bool
    started: str | None
    updated: str | None
    ended: str | None
    steps: Steps
    waiting: list[WaitingLine]
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    cost_known: bool
    root: str
    owner: str
    heard: str | None
    forked_from: str | None
    start: StartAnswer | None


class RunAnswer(Model):
    """A run. While it is queued, and the journal has nothing of it yet, it is `pending`."""

    run: str
    workflow: str
    title: str
    status: RunStatus
    why: str
    started: str | None
    ended: str | None
    parameters: JsonValue
    outputs: JsonValue
    failure: JsonValue
    statistics: JsonValue
    warnings: JsonValue
    waiting: list[JsonValue]
    spent: JsonValue
    budget: JsonValue
    simulated: bool
    root: str
    start: StartAnswer | None


def start_answer(start: Start) -> StartAnswer:
    """A start as it is answered."""
    return StartAnswer(
        key=start.key,
        run=start.run_id,
        workflow=start.workflow,
        version=start.version,
        cause=start.cause,
        by=start.by,
        priority=start.priority,
        asked=timestamp(start.at),
        due=timestamp(start.due),
        status=start.status,
        why=start.why,
    )


def run_line(summary: Summary, start: Start | None) -> RunLine:
    """A run of a list as it is answered."""
    document: Any = summary_document(summary)
    known = {name: value for name, value in document.items() if name in RunLine.model_fields}
    return RunLine(**{**known, "start": start_answer(start) if start else None})


def run_answer(state: RunState, start: Start | None, status: str = "") -> RunAnswer:
    """A run as it is answered. `status` is what the journal's table says, where that knows better."""
    document: Any = run_document(state)
    known = {name: value for name, value in document.items() if name in RunAnswer.model_fields}
    if status == "interrupted":
        known["status"] = status
    return RunAnswer(**{**known, "start": start_answer(start) if start else None})


def queued_answer(start: Start) -> RunAnswer:
    """A run of which there is no more than what asked for it."""
    gone = start.status in ("skipped", "refused")
    status: RunStatus = "cancelled" if start.status == "skipped" else "failed" if gone else "pending"
    parameters: Any = safe_json(dict(start.parameters))
    failure: JsonValue = {"class": "refused", "message": start.why} if start.status == "refused" else None
    return RunAnswer(
        run=start.run_id,
        workflow=start.workflow,
        title=start.workflow,
        status=status,
        why=start.why or ("" if gone else "queued"),
        started=None,
        ended=None,
        parameters=parameters,
        outputs=None,
        failure=failure,
        statistics=None,
        warnings=[],
        waiting=[],
        spent=None,
        budget=None,
        simulated=False,
        root="",
        start=start_answer(start),
    )
