"""ready(state): which steps may start now, in which order; and why the rest may not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import block_of, halted, holders


def ready(state: RunState) -> tuple[StepState, ...]:
    """The pending steps whose needs are over and whose stage has room, those that hold up the most others first.

    A paused or finished run starts nothing, and neither does a part of it that is being stopped.
    """
    if state.paused or state.over or not state.counts.get("pending", 0):
        return ()
    found: list[StepState] = []
    for scope in state.scopes.values():
        if scope.open and scope.counts.get("pending", 0) and not halted(state, scope.name):
            found += _ready_in(state, scope)
    return tuple(_with_room(state, found))


def _ready_in(state: RunState, scope: Scope) -> list[StepState]:
    steps = state.steps
    for stage in scope.stages:
        still = [name for name in stage.steps if not steps[name].over]
        if not still:
            continue
        # A step that waits for a person leaves its place to its siblings.
        room = stage.width - sum(steps[name].status == "running" or steps[name].retry_at is not None for name in still)
        if room <= 0:
            return []
        # A later stage waits for all of this one, so looking further finds nothing. What is listed by address is done
        # in that order; every other step says itself what it waits for.
        in_order = scope.kind in ("undo", "verify", "notify")
        pending = [name for name in (still[:1] if in_order else still) if steps[name].status == "pending"]
        candidates = [steps[name] for name in pending if not _waits_for(state, scope, steps[name])]
        block = block_of(state, scope)
        held_up = block.downstream if block else {}
        candidates.sort(key=lambda step: -held_up.get(step.planned.id, 0))
        return candidates[:room]
    return []


def _with_room(state: RunState, found: Sequence[StepState]) -> Iterator[StepState]:
    """Those that the workflows around them, each with a limit of its own, let run at once. Only real work is counted.

    A step whose failure is handled, or of which it is found out whether it happened, does nothing itself meanwhile.
    """
    room = {
        scope.name: scope.plan.max_parallel
        for scope in state.scopes.values()
        if scope.open and scope.plan.max_parallel is not None
    }
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
    homes = {state.scopes[holder.home].name for holder in holders(state, step.scope)}
    return homes & room.keys()


def waits_for(state: RunState, step: str) -> Collection[str]:
    """The steps that must be over before this one may start."""
    return _waits_for(state, state.scopes[state.steps[step].scope], state.steps[step])


def _waits_for(state: RunState, scope: Scope, step: StepState) -> Collection[str]:
    needed = (state.steps.get(scope.prefix + id_) for id_ in step.planned.after)
    return tuple(other.id for other in needed if other is not None and not other.over)
