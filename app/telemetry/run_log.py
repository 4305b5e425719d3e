"""What happens in runs, as lines of the log with the ids of run, step and attempt. No input, output or prompt."""

from __future__ import annotations

import logging

from app.logs import RUNS
from workflows.bus import Committed, Notice
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.text import one_line
from workflows.values import Json

_log = logging.getLogger(RUNS)

LONGEST = 500
"""Characters of a failure's message."""


@dataclass(frozen=True)
class Line:
    """A line: `fields` are the ids, and what there is to say besides."""

    level: int
    message: str
    fields: dict[str, Json]


def line_of(recorded: e.Recorded, state: RunState) -> Line | None:
    """The line for an event; None where there is none."""
    event = recorded.event
    ids: dict[str, Json] = {"run": state.run_id, "workflow": state.workflow, "seq": recorded.seq}
    if step := getattr(event, "step", ""):
        ids["step"] = step
    match event:
        case e.RunStarted():
            return Line(logging.INFO, "run started", ids)
        case e.RunResumed():
            return Line(logging.INFO, "run resumed", ids)
        case e.RunInterrupted():
            return Line(logging.INFO, "run stopped, to be resumed", ids)
        case e.RunFinished():
            return _ended("run", event.status, event.failure, ids)
        case e.StepStarted():
            return Line(logging.INFO, "step started", ids)
        case e.StepFinished():
            return _ended("step", event.status, event.failure, ids)
        case e.AttemptStarted():
            return Line(
                logging.INFO, "attempt started", {**ids, "attempt": event.n, "performer": event.performer or None}
            )
        case e.AttemptFinished():
            return _ended("attempt", event.status, event.failure, {**ids, "attempt": event.n})
        case e.RetryScheduled():
            return Line(logging.INFO, "step is tried again later", ids)
        case e.FallbackTaken():
            more: dict[str, Json] = {"performer": event.performer, "instead_of": event.instead_of}
            return Line(logging.WARNING, "understudy steps in", {**ids, **more})
        case e.Asked():
            return Line(logging.INFO, f"waits for a person: {event.reason}", {**ids, "entry": event.entry})
        case e.Answered():
            return Line(logging.INFO, "answered", {**ids, "entry": event.entry, "by": event.by or None})
    return None


def _ended(what: str, status: str, failure: Failure | None, fields: dict[str, Json]) -> Line:
    bad = status in ("failed", "timed_out", "unknown")
    if failure is not None:
        fields = {**fields, "error": failure.kind, "error_message": one_line(failure.message, LONGEST)}
    return Line(logging.WARNING if bad else logging.INFO, f"{what} {status.replace('_', ' ')}", fields)


def log_runs(notice: Notice) -> None:
    """Write what the bus told to the log."""
    if isinstance(notice, Committed):
        for recorded in e.facts_in(notice.events):
            if (line := line_of(recorded, notice.state)) is not None:
                _log.log(line.level, line.message, extra={"fields": line.fields})
