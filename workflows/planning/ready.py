"""ready(state): which steps may start now, in which order; and why the rest may not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from workflows.runs.front import unmet
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import halted, holders, scopes_of


def ready(state: RunState) -> tuple[StepState, ...]:
    """The pending steps whose needs are over and whose stage has room, those with the longest path ahead first.

    A paused or finished run starts nothing, and neither does a part of it that is being stopped.
    """
    if state.paused or state.over or not state.startable:
        return ()
    found = [
        state.steps[name]
        for scope in scopes_of(state, state.startable)
        if not halted(state, scope.name)
        for name in scope.front.free[: scope.room]
    ]
    return tuple(_with_room(state, found) if state.plan.limited else found)


def _with_room(state: RunState, found: Sequence[StepState]) -> Iterator[StepState]:
    """Those that the workflows around them, each with a limit of its own, let run at once. Only real work is counted.

    A step whose failure is handled, or of which it is found out whether it happened, does nothing itself meanwhile.
    """
    homes = {home for name in {step.scope for step in found} for home in _homes(state, name)}
    around = [state.scopes[name] for name in homes]
    room = {home.name: home.plan.max_parallel for home in around if home.open and home.plan.max_parallel is not None}
    if not room:
        yield from found
        return
    cared_for = {scope.owner for scope in state.scopes.values() if scope.open}
    for step in state.steps.values():
        if step.status == "running" and not step.planned.holds_steps and step.id not in cared_for:
            for name in _limiting(state, step, room):
                room[name] -= 1
    for step in found:
        limiting = _limiting(state, step, room)
        if step.planned.holds_steps:
            yield step  # what it holds is counted when it starts
        elif all(room[name] > 0 for name in limiting):
            for name in limiting:
                room[name] -= 1
            yield step


def _limiting(state: RunState, step: StepState, room: Mapping[str, int]) -> Collection[str]:
    """The workflows around a step that have a limit."""
    return _homes(state, step.scope) & room.keys()


def _homes(state: RunState, scope: str) -> set[str]:
    """The workflows around what is in a scope."""
    return {holder.home for holder in holders(state, scope)}


def waits_for(state: RunState, step: str) -> Collection[str]:
    """The steps that must be over before this one may start."""
    waiting = state.steps[step]
    return unmet(state.scopes[waiting.scope], state.steps, waiting)
