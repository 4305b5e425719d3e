"""Runs: started, listed, looked at, waited for, ended."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, JsonValue

from app.server.api import owning
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.paging import Paged, cursor_of, read_cursor
from app.server.api.problems import Problem
from app.server.api.shapes import OVER, RunAnswer, RunLine, RunStatus, queued_answer, run_answer, run_line
from app.server.backstage import LOOK_EVERY, Backstage
from workflows.journal.port import Query, RunUnknown, Summary
from workflows.records import dataclass
from workflows.unattended.values import Start

KEY = re.compile(r"[\x21-\x7e]{1,200}")
PRIORITIES = {"low": -10, "normal": 0, "high": 10}
Wait = Annotated[float, Field(ge=0, le=60, description="Seconds to wait for the run's end at most.")]
Word = Annotated[str, Field(min_length=1, max_length=200)]
RUN = "/api/v1/runs/{run}"


class StartWanted(Model):
    """A run that is wanted. It runs a published version: the newest, or the one that is named."""

    workflow: Word
    version: Annotated[int, Field(ge=0, le=1_000_000, description="0 is the newest.")] = 0
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100, description="Higher ones begin first.")] = 0


class Waiting(Model):
    """How long a call waits."""

    wait: Wait = 0.0


class Listing(Paged):
    """Which runs."""

    status: tuple[RunStatus, ...] = ()
    workflow: Annotated[str, Field(max_length=200)] = ""
    since: Annotated[datetime | None, Field(description="Began at or after.")] = None


class RunPage(Model):
    """Some runs, newest first."""

    items: list[RunLine]
    next: str | None


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about runs."""

    async def begin(asked: Asked) -> Answered:
        wanted: StartWanted = asked.body
        key = asked.header("idempotency-key")
        if key and not KEY.fullmatch(key):
            raise Problem(
                *(422, "invalid", "An Idempotency-Key has 1 to 200 visible characters."),
                "Send a UUID.",
                where="header Idempotency-Key",
            )
        version = await stage.queue.must_be_startable(wanted.workflow, wanted.version, wanted.parameters)
        cause, now = f"api:{asked.caller.name}", stage.clock.now()
        start, new = await stage.standing.ask(
            Start(
                key=f"{cause}:{key or secrets.token_hex(16)}",
                cause=cause,
                workflow=wanted.workflow,
                version=version,
                parameters=wanted.parameters,
                priority=wanted.priority,
                by=asked.caller.name,
                at=now,
                due=now,
            )
        )
        if not new and (
            start.workflow != wanted.workflow
            or dict(start.parameters) != wanted.parameters
            or (wanted.version and start.version != wanted.version)
        ):
            raise Problem(
                *(409, "conflict", "This Idempotency-Key was used for another start."),
                "Use a new key for a new run.",
                where="header Idempotency-Key",
            )
        if new:
            stage.queue.poke()
        answer = await _waited(stage, start.run_id, asked.query.wait)
        headers = {"Location": f"/api/v1/runs/{start.run_id}"}
        if not new:
            headers["Idempotent-Replayed"] = "true"
        return Answered(answer, 200 if answer.status in OVER and asked.query.wait else 202, headers)

    async def listed(asked: Asked) -> RunPage:
        return await _page(stage, asked, asked.query)

    async def one(asked: Asked) -> RunAnswer:
        await owning.own(stage, asked.caller, asked.path["run"])
        return await _waited(stage, asked.path["run"], asked.query.wait)

    return (
        Operation(
            *("startRun", "POST", "/api/v1/runs", "operator", "Start a run of a published version", begin),
            {202: RunAnswer, 200: RunAnswer},
            "runs",
            Waiting,
            StartWanted,
            (404, 409),
            {"Idempotency-Key": "The same key gives the same run, however often it is sent."},
        ),
        Operation(
            *("listRuns", "GET", "/api/v1/runs", "viewer", "List runs, newest first", listed),
            {200: RunPage},
            "runs",
            Listing,
        ),
        Operation(
            *("getRun", "GET", RUN, "viewer", "Look at a run, or wait for its end", one),
            {200: RunAnswer},
            "runs",
            Waiting,
            refuses=(404,),
        ),
    )


async def answer_of(stage: Backstage, run_id: str) -> RunAnswer:
    """Where a run stands. Raises Problem where there is none."""
    start = await owning.start_of(stage, run_id)
    summary = await owning.summary_of(stage, run_id)
    if summary is None:
        if start is None:
            raise owning.not_there(run_id)
        return queued_answer(start)
    try:
        return run_answer(await stage.state(run_id), start, summary.status)
    except RunUnknown:
        raise owning.not_there(run_id) from None


async def _waited(stage: Backstage, run_id: str, seconds: float) -> RunAnswer:
    """Where a run stands once it is over, or the time is."""
    until = stage.clock.monotonic() + seconds
    while True:
        answer = await answer_of(stage, run_id)
        left = until - stage.clock.monotonic()
        if answer.status in OVER or left <= 0 or stage.closing.is_set():
            return answer
        await stage.happenings.wait(run_id, min(left, LOOK_EVERY))


async def _page(stage: Backstage, asked: Asked, wanted: Listing) -> RunPage:
    """A page of the caller's runs. A cursor is when its last one began, and which of that moment were there."""
    since = wanted.since.replace(tzinfo=wanted.since.tzinfo or UTC).timestamp() if wanted.since else None
    cursor = read_cursor(wanted.cursor, float, list)
    place = Place(cursor[0], frozenset(map(str, cursor[1]))) if cursor else Place()
    many = wanted.limit + len(place.seen) + 1
    query = Query(
        status=wanted.status,
        workflow=wanted.workflow,
        since=since,
        until=place.until,
        limit=many,
        by=asked.caller.name if asked.caller.own else "",
    )
    found = [run for run in await stage.desk.runs(query) if run.run_id not in place.seen]
    page = found[: wanted.limit]
    starts = await owning.starts_of(stage, page)
    for run in page:
        place = place.after(run)
    return RunPage(
        items=[run_line(run, starts.get(run.run_id)) for run in page],
        next=cursor_of([place.started, sorted(place.seen)]) if len(found) > len(page) else None,
    )


@dataclass(frozen=True)
class Place:
    """How far a list was read: to a run that began at `started`, with all `seen` that began in that moment."""

    started: float = math.inf
    seen: frozenset[str] = frozenset()

    @property
    def until(self) -> float | None:
        return None if math.isinf(self.started) else math.nextafter(self.started, math.inf)

    def after(self, run: Summary) -> Place:
        return Place(run.started, (self.seen if run.started == self.started else frozenset()) | {run.run_id})
