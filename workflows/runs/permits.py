"""What a person allows agents for one run, and takes back. Pure; a part of `reduce`."""

from __future__ import annotations

from workflows.records import changed, write
from workflows.runs import events as e
from workflows.runs.state import Permit, RunState


def pattern_allowed(draft: RunState, event: e.PatternAllowed, at: float) -> None:
    write(draft, permits=(*draft.permits, Permit(event.pattern, event.entry, event.by, at)))


def pattern_revoked(draft: RunState, event: e.PatternRevoked, at: float) -> None:
    """A number that there is not revokes nothing."""
    permits = list(draft.permits)
    if 0 < event.number <= len(permits) and permits[event.number - 1].revoked is None:
        permits[event.number - 1] = changed(permits[event.number - 1], revoked=at, revoked_by=event.by)
    write(draft, permits=tuple(permits))


def in_force(state: RunState) -> tuple[str, ...]:
    """The patterns that count now."""
    return tuple(permit.pattern for permit in state.permits if permit.revoked is None)
