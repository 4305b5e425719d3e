"""What the events of a run as a whole make of it on its way: queued, paused, gone on, interrupted. Part of `reduce`."""

from __future__ import annotations

from workflows.records import write
from workflows.runs import events as e
from workflows.runs.changes import standing
from workflows.runs.state import RunState, Status


def run_resumed(draft: RunState, event: e.RunResumed, at: float) -> None:
    write(draft, attended=event.attended)
    _go_on(draft)


def _go_on(draft: RunState) -> None:
    write(draft, status=_moving(draft), paused=False, why=draft.why if draft.queued else "")


def _moving(state: RunState) -> Status:
    """The status of a run that nobody has paused."""
    return "pending" if state.queued else standing("running", state.counts)


def run_queued(draft: RunState, event: e.RunQueued, at: float) -> None:
    write(draft, status="paused" if draft.paused else "pending", queued=True, why=event.why)


def run_admitted(draft: RunState, event: e.RunAdmitted, at: float) -> None:
    write(draft, queued=False, why="")
    if not draft.paused:
        write(draft, status=_moving(draft))


def run_paused(draft: RunState, event: e.RunPaused, at: float) -> None:
    write(draft, status="paused", paused=True, why=event.why)


def run_continued(draft: RunState, event: e.RunContinued, at: float) -> None:
    _go_on(draft)


def request_taken(draft: RunState, event: e.RequestTaken, at: float) -> None:
    write(draft, requested=max(draft.requested, event.request), at_once=draft.at_once or event.what == "cancel_now")


def run_interrupted(draft: RunState, event: e.RunInterrupted, at: float) -> None:
    write(draft, status="interrupted", why=event.why)
