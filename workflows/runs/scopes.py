"""What the events of scopes make of a run's state. Pure; a part of `reduce`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workflows.frozen import changed
from workflows.runs import events as e
from workflows.runs.changes import afresh, put_all, put_scope, reopened, with_scope
from workflows.runs.contents import contents
from workflows.runs.front import front_of
from workflows.runs.purse import opened as purse_opened
from workflows.runs.state import RunState, StepState


def scope_opened(state: RunState, event: e.ScopeOpened, at: float) -> RunState:
    """What succeeded when the scope was open before stands, unless its step's input was changed since."""
    before = state.scopes.get(event.scope)
    scope, members = contents(state, event)
    owner = state.steps.get(event.step)
    generation = owner.generation if owner else 1
    during = state.scopes[scope.home].opened if scope.home != scope.name else 1
    opened = before.opened + 1 if before else 1
    scope = changed(scope, opened=opened, during=during, generation=generation)
    about = scope.kind not in ("child", "block", "each")
    steps: dict[str, StepState] = {}
    counts, inner = Counter(state.counts), Counter[str]()
    for member in members:
        old = state.steps.get(member.address)
        if old is None:
            step = StepState(member.address, member.planned, scope.name, member.item)
        elif about or before is None or before.generation != generation or old.item != member.item:
            step = afresh(old)
        else:
            step = reopened(old)
        steps[member.address] = changed(step, planned=member.planned, scope=scope.name, item=member.item)
        if old is not None:
            counts[old.status] -= 1
        counts[step.status] += 1
        inner[step.status] += 1
    state = changed(state, steps=state.steps.including_all(steps), counts=dict(counts))
    state = changed(state, purses=purse_opened(state.purses, scope.name, scope.plan.budget))
    return put_scope(state, changed(scope, counts=dict(inner), front=front_of(scope, state.steps)))


def scope_aborted(state: RunState, event: e.ScopeAborted, at: float) -> RunState:
    return with_scope(state, event.scope, aborting=True, then=event.then, failure=event.failure)


def scope_closed(state: RunState, event: e.ScopeClosed, at: float) -> RunState:
    pending = [state.steps[name] for name in state.scopes[event.scope].steps if state.steps[name].status == "pending"]
    state = blocked(state, pending)
    return with_scope(
        state, event.scope, status=event.status, failure=event.failure, output=event.output, then=event.then
    )


def blocked(state: RunState, steps: Iterable[StepState]) -> RunState:
    """What can never start any more, because what it is part of is over."""
    return put_all(state, [changed(step, status="blocked") for step in steps])
