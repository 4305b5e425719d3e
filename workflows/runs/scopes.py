"""What the events of scopes make of a run's state. A part of `reduce`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workflows.records import changed, write
from workflows.runs import events as e
from workflows.runs.changes import afresh, put_all, put_scope, reopened, set_scope
from workflows.runs.contents import contents
from workflows.runs.front import front_of
from workflows.runs.purse import opened as purse_opened
from workflows.runs.state import RunState, StepState


def scope_opened(draft: RunState, event: e.ScopeOpened, at: float) -> None:
    """What succeeded when the scope was open before stands, unless its step's input was changed since."""
    before = draft.scopes.get(event.scope)
    scope, members = contents(draft, event)
    owner = draft.steps.get(event.step)
    generation = owner.generation if owner else 1
    during = draft.scopes[scope.home].opened if scope.home != scope.name else 1
    opened = before.opened + 1 if before else 1
    scope = changed(scope, opened=opened, during=during, generation=generation)
    about = scope.kind not in ("child", "block", "each")
    steps: dict[str, StepState] = {}
    counts, inner = Counter(draft.counts), Counter[str]()
    for member in members:
        old = draft.steps.get(member.address)
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
    purses = purse_opened(draft.purses, scope.name, scope.plan.budget)
    write(draft, steps={**draft.steps, **steps}, counts=dict(counts), purses=purses)
    put_scope(draft, changed(scope, counts=dict(inner), front=front_of(scope, draft.steps)))


def scope_aborted(draft: RunState, event: e.ScopeAborted, at: float) -> None:
    set_scope(draft, event.scope, aborting=True, then=event.then, failure=event.failure)


def scope_closed(draft: RunState, event: e.ScopeClosed, at: float) -> None:
    pending = [draft.steps[name] for name in draft.scopes[event.scope].steps if draft.steps[name].status == "pending"]
    block(draft, pending)
    set_scope(draft, event.scope, status=event.status, failure=event.failure, output=event.output, then=event.then)


def block(draft: RunState, steps: Iterable[StepState]) -> None:
    """What can never start any more, because what it is part of is over."""
    put_all(draft, [changed(step, status="blocked") for step in steps])
