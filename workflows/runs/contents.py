"""contents(state, event): which steps a scope that opens holds, and under which addresses. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.planning.plan import Block, Plan, PlannedStage, PlannedStep
from workflows.records import changed, dataclass
from workflows.runs.events import ScopeOpened
from workflows.runs.state import RunState, Scope
from workflows.values import Json


@dataclass(frozen=True)
class Member:
    """A step of a scope, by address. `item` belongs to a step that is done for one item of a list."""

    address: str
    planned: PlannedStep
    item: Json = None


def contents(state: RunState, event: ScopeOpened) -> tuple[Scope, Sequence[Member]]:
    """The scope as it opens, and its members in order."""
    name, owner = event.scope, state.steps.get(event.step)
    home = _home(state, event)
    here = Scope(name, event.kind, event.step, home, data=event.data)
    match event.kind:
        case "child":
            assert owner is not None
            plan = owner.planned.child or Plan()
            parameters = event.data["parameters"]
            return _laid_out(changed(here, prefix=f"{name}>", plan=plan, parameters=parameters), plan)
        case "block":
            assert owner is not None
            return _laid_out(changed(here, prefix=f"{name}>"), owner.planned.inside[event.data["branch"]])
        case "each":
            assert owner is not None
            return _items(here, owner.planned, event.data["items"])
        case "handler":
            block = state.scopes[home].plan.handlers[event.data["handler"]].block
            return _laid_out(changed(here, prefix=f"{name}>"), block)
        case "verify":
            assert owner is not None
            verify = owner.planned.verify
            return _listed(here, [Member(name, verify.step)] if verify else [])
        case "undo":
            undone = [(address, state.steps[address].planned.undo) for address in event.data["steps"]]
            return _listed(here, [Member(f"{address}~undo", undo) for address, undo in undone if undo])
        case "notify":
            tells = [event.data.get("handler"), event.data.get("step")]
            return _listed(here, _notification(state, name, home, *tells))
        case _:
            plan = state.scopes[home].plan
            block = plan.rollback if event.kind == "rollback" else plan.finally_
            return _laid_out(changed(here, prefix=state.scopes[home].prefix), block or Block())


def _home(state: RunState, event: ScopeOpened) -> str:
    """The scope of the workflow that the steps belong to."""
    if event.kind == "child":
        return event.scope
    if event.kind in ("undo", "rollback", "finally"):
        return event.scope.rpartition("~")[0]
    if event.kind == "notify":
        return str(event.data["home"])
    return state.scopes[state.steps[event.step].scope].home


def _laid_out(scope: Scope, block: Block) -> tuple[Scope, Sequence[Member]]:
    stages = tuple(
        PlannedStage(stage.name, tuple(scope.prefix + id_ for id_ in stage.steps), stage.width)
        for stage in block.stages
    )
    members = [Member(scope.prefix + step.id, step) for step in block.steps]
    return changed(scope, stages=stages, block=block), members


def _items(scope: Scope, planned: PlannedStep, items: Sequence[Json]) -> tuple[Scope, Sequence[Member]]:
    each = planned.each
    assert each is not None
    members = [Member(f"{scope.name}[{index}]", each.step, item) for index, item in enumerate(items)]
    stage = PlannedStage(planned.id, tuple(member.address for member in members), each.width)
    return changed(scope, stages=(stage,)), members


def _listed(scope: Scope, members: Sequence[Member]) -> tuple[Scope, Sequence[Member]]:
    stage = PlannedStage(scope.kind, tuple(member.address for member in members))
    return changed(scope, stages=(stage,)), members


def _notification(state: RunState, name: str, home: str, handler: int | None, step: str | None) -> Sequence[Member]:
    if handler is not None:
        tell = state.scopes[home].plan.handlers[handler].tell
    else:
        tell = state.steps[str(step)].planned.tell
    return [Member(name, tell.step)] if tell else []
