"""Small changes of a run's state that events are made of: each gives a new state, with all counts kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.frozen import Entries, changed
from workflows.runs.front import front_after, front_of
from workflows.runs.state import Call, Inquiry, RunState, Scope, Status, StepState, empty


def with_step(state: RunState, step: str, **changes: Any) -> RunState:
    """The state with these fields of a step changed."""
    return put(state, changed(state.steps[step], **changes))


def put(state: RunState, step: StepState) -> RunState:
    """The state with this step, its counts kept, and what holds it moving or waiting as it does."""
    before = state.steps[step.id]
    steps = state.steps.including(step.id, step)
    if before.status == step.status and (before.retry_at is None) == (step.retry_at is None):
        return changed(state, steps=steps)
    scope = state.scopes[step.scope]
    counts, inner = _shifted(state.counts, before, step), _shifted(scope.counts, before, step)
    state = changed(state, steps=steps, counts=counts, status=standing(state.status, counts))
    state = with_scope(state, scope.name, counts=inner, front=front_after(scope, steps, before, step))
    return with_owner(state, scope.name)


def put_all(state: RunState, changes: Iterable[StepState]) -> RunState:
    """The same for many steps at once."""
    steps, counts, touched = {step.id: step for step in changes}, state.counts, dict[str, Mapping[str, int]]()
    for step in steps.values():
        before = state.steps[step.id]
        counts = _shifted(counts, before, step)
        inner = touched.get(step.scope, state.scopes[step.scope].counts)
        touched[step.scope] = _shifted(inner, before, step)
    state = changed(state, steps=state.steps.including_all(steps), counts=counts)
    for name, inner in touched.items():
        front = front_of(state.scopes[name], state.steps)
        state = with_scope(changed(state, status=standing(state.status, counts)), name, counts=inner, front=front)
        state = with_owner(state, name)
    return state


def _shifted(counts: Mapping[str, int], before: StepState, after: StepState) -> Mapping[str, int]:
    if before.status == after.status:
        return counts
    return {**counts, before.status: counts[before.status] - 1, after.status: counts.get(after.status, 0) + 1}


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
    return put_scope(state, changed(state.scopes[scope], **changes))


def put_scope(state: RunState, scope: Scope) -> RunState:
    """The state with this scope, and it among those in which something may start or that may be over, or not."""
    ends = scope.aborting or scope.all_over or bool(scope.counts.get("succeeded") and first_is_enough(state, scope))
    return changed(
        state,
        scopes=state.scopes.including(scope.name, scope),
        startable=_with_or_without(state.startable, scope.name, scope.open and scope.room > 0),
        closable=_with_or_without(state.closable, scope.name, scope.open and ends),
    )


def _with_or_without(names: frozenset[str], name: str, belongs: bool) -> frozenset[str]:
    if (name in names) == belongs:
        return names
    return names | {name} if belongs else names - {name}


def with_call(state: RunState, step: str, key: str, **changes: Any) -> RunState:
    """The state with these fields of a call changed."""
    calls = state.steps[step].calls
    return with_step(state, step, calls=calls.including(key, changed(calls[key], **changes)))


def with_inquiry(state: RunState, entry: str, **changes: Any) -> RunState:
    """The state with these fields of an inbox entry changed."""
    return put_inquiry(state, changed(state.inquiries[entry], **changes))


def put_inquiry(state: RunState, inquiry: Inquiry) -> RunState:
    """The state with this inbox entry, among those that are open or not."""
    entry, unanswered = inquiry.asked.entry, state.unanswered
    if (entry in unanswered) != inquiry.open:
        others = tuple(each for each in unanswered if each != entry)
        unanswered = (*others, entry) if inquiry.open else others
    return changed(state, inquiries=state.inquiries.including(entry, inquiry), unanswered=unanswered)


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
        chosen=False,
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
