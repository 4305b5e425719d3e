"""Small changes of a run's state that events are made of: each gives a new state, with all counts kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.frozen import Entries, changed
from workflows.runs.state import Call, RunState, Scope, Status, StepState, empty


def with_step(state: RunState, step: str, **changes: Any) -> RunState:
    """The state with these fields of a step changed."""
    return put(state, changed(state.steps[step], **changes))


def put(state: RunState, step: StepState) -> RunState:
    """The state with this step, its counts kept, and what holds it moving or waiting as it does."""
    before = state.steps[step.id].status
    state = changed(state, steps=state.steps.including(step.id, step))
    if before == step.status:
        return state
    scope = state.scopes[step.scope]
    counts, inner = _shifted(state.counts, before, step.status), _shifted(scope.counts, before, step.status)
    state = with_scope(changed(state, counts=counts, status=standing(state.status, counts)), scope.name, counts=inner)
    return with_owner(state, scope.name)


def _shifted(counts: Mapping[str, int], before: str, after: str) -> Mapping[str, int]:
    return {**counts, before: counts[before] - 1, after: counts.get(after, 0) + 1}


def with_owner(state: RunState, name: str) -> RunState:
    """The step that holds a scope waits while all in it that is under way waits."""
    scope = state.scopes[name]
    owner = state.steps.get(scope.owner)
    if owner is None or not scope.open or owner.status not in ("running", "waiting"):
        return state
    status = standing(owner.status, scope.counts)
    return state if status == owner.status else put(state, changed(owner, status=status))


def standing(status: Status, counts: Mapping[str, int]) -> Status:
    """What holds steps waits when nothing in it moves and something in it waits."""
    if status not in ("running", "waiting"):
        return status
    return "waiting" if counts.get("waiting", 0) and not counts.get("running", 0) else "running"


def with_scope(state: RunState, scope: str, **changes: Any) -> RunState:
    """The state with these fields of a scope changed."""
    return changed(state, scopes=state.scopes.including(scope, changed(state.scopes[scope], **changes)))


def with_call(state: RunState, step: str, key: str, **changes: Any) -> RunState:
    """The state with these fields of a call changed."""
    calls = state.steps[step].calls
    return with_step(state, step, calls=calls.including(key, changed(calls[key], **changes)))


def with_inquiry(state: RunState, entry: str, **changes: Any) -> RunState:
    """The state with these fields of an inbox entry changed."""
    inquiry = changed(state.inquiries[entry], **changes)
    return changed(state, inquiries=state.inquiries.including(entry, inquiry))


def counted(step: StepState) -> int:
    """How many of its tries count."""
    return sum(attempt.counts for attempt in step.attempts)


def set_aside(step: StepState) -> Entries[str, Call]:
    """The calls so far under names that no later call can have: kept for history and cost, never replayed.

    One with an unknown outcome keeps its name until it is settled: nothing takes its place before. Where its step was
    undone that is done with.
    """
    mark = f"@{len(step.attempts)}"

    def stays(key: str, call: Call) -> bool:
        return "@" in key or (call.status == "unknown" and step.status != "undone")

    return Entries({key if stays(key, call) else key + mark: call for key, call in step.calls.items()})


def afresh(step: StepState) -> StepState:
    """The step as if nothing had been done yet, but for its history and what is in doubt."""
    step = changed(step, generation=step.generation + 1, calls=set_aside(step), timers=empty())
    return _waiting_again(step)


def reopened(step: StepState) -> StepState:
    """The step when what it is part of is done again: what succeeded stands, and what was undone is done anew."""
    if step.status == "succeeded":
        return step
    return afresh(step) if step.status == "undone" else _waiting_again(step)


def _waiting_again(step: StepState) -> StepState:
    return changed(
        step,
        status="pending",
        performer=0,
        retry_at=None,
        retry_base=counted(step),
        handled=(),
        output=None,
        failure=None,
        why="",
        then="",
        started=None,
        ended=None,
        ended_at=0,
        reused=None,
    )


def first_is_enough(state: RunState, scope: Scope) -> bool:
    """Whether the scope is over with the first of its steps that succeeds."""
    owner = state.steps.get(scope.owner)
    given = owner.input if owner and scope.kind == "block" else None
    return isinstance(given, dict) and given.get("wait_for") == "first"
