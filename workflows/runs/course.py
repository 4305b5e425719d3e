"""What the events of a run as a whole make of it on its way: queued, paused, gone on, interrupted. Part of `reduce`."""

from __future__ import annotations

from workflows.frozen import changed
from workflows.runs import events as e
from workflows.runs.changes import standing
from workflows.runs.state import RunState, Status


def run_resumed(state: RunState, event: e.RunResumed, at: float) -> RunState:
    return _going_on(changed(state, attended=event.attended))


def _going_on(state: RunState) -> RunState:
    return changed(state, status=_moving(state), paused=False, why=state.why if state.queued else "")


def _moving(state: RunState) -> Status:
    """The status of a run that nobody has paused."""
    return "pending" if state.queued else standing("running", state.counts)


def run_queued(state: RunState, event: e.RunQueued, at: float) -> RunState:
    return changed(state, status="paused" if state.paused else "pending", queued=True, why=event.why)


def run_admitted(state: RunState, event: e.RunAdmitted, at: float) -> RunState:
    state = changed(state, queued=False, why="")
    return state if state.paused else changed(state, status=_moving(state))


def run_paused(state: RunState, event: e.RunPaused, at: float) -> RunState:
    return changed(state, status="paused", paused=True, why=event.why)


def run_continued(state: RunState, event: e.RunContinued, at: float) -> RunState:
    return _going_on(state)


def request_taken(state: RunState, event: e.RequestTaken, at: float) -> RunState:
    return changed(
        state, requested=max(state.requested, event.request), at_once=state.at_once or event.what == "cancel_now"
    )


def run_interrupted(state: RunState, event: e.RunInterrupted, at: float) -> RunState:
    return changed(state, status="interrupted", why=event.why)
