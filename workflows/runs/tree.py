"""How the steps of a run hang together: what holds a step, what it holds, and what a name means there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.planning.plan import Block
from workflows.runs.state import RunState, Scope, StepState

ABOUT = ("undo", "rollback", "finally", "notify")
"""Kinds of scopes: what is done about a workflow, beside its own steps."""


def holders(state: RunState, scope: str) -> Iterator[Scope]:
    """The scope, the one that its step is in, and so on up to the run's own."""
    here = state.scopes[scope]
    yield here
    while here.owner:
        here = state.scopes[state.steps[here.owner].scope]
        yield here


def scopes_of(state: RunState, names: Iterable[str]) -> list[Scope]:
    """The scopes of these names, what holds others before those."""
    found = [state.scopes[name] for name in names]
    if len(found) > 1:
        found.sort(key=lambda scope: scope.number)
    return found


def halted(state: RunState, scope: str) -> bool:
    """Whether nothing in the scope may start: it, or something that holds it, is being stopped or over.

    What is done about a workflow is done to its end, whatever is stopped around it.
    """
    here = state.scopes[scope]
    while not here.aborting and here.status == "open":
        if not here.owner or here.kind in ABOUT:
            return False
        here = state.scopes[state.steps[here.owner].scope]
    return True


def held_by(state: RunState, step: StepState) -> tuple[Scope, ...]:
    """The scopes that a step waits for: of the steps it holds, and of what is done about its failure."""
    if len(state.scopes) == 1:
        return ()
    names = [step.id]
    if step.planned.verify is not None:
        names.append(f"{step.id}~verify")
    if step.handled:
        names.append(f"{step.id}~handler{len(step.handled)}")
    # What finds out or tells is called as the scope that it is in.
    return tuple(state.scopes[name] for name in names if name in state.scopes and name != step.scope)


def is_aftermath(state: RunState, scope: str) -> bool:
    """Whether steps here are done about others: handling, finding out, undoing, rolling back, finishing, telling."""
    for here in holders(state, scope):
        if here.kind not in ("run", "child", "block", "each"):
            return True
        if here.is_workflow:
            return False
    return False


def home_of(state: RunState, step: StepState) -> Scope:
    """The scope of the workflow that a step belongs to."""
    return state.scopes[state.scopes[step.scope].home]


def block_of(state: RunState, scope: Scope) -> Block | None:
    """What a file's steps are laid out from in this scope; None of what is done about a step or for items of a list."""
    if scope.is_workflow:
        return scope.plan
    return state.steps[scope.owner].planned.inside[scope.data["branch"]] if scope.kind == "block" else None


def address_of(state: RunState, reader: StepState | None, home: Scope, id_: str) -> str:
    """The address of the step that a file calls `id_`, for a step of that file; there may be no such step (yet).

    Inside a step that is done for each item of a list, the names of that step's own steps mean those of the same item.
    """
    here = home.prefix
    for holder in home.plan.paths.get(id_, ()):
        here += holder
        if reader is not None and reader.id.startswith(f"{here}["):
            here = reader.id[: reader.id.index("]", len(here)) + 1]
        here += ">"
    return here + id_


def stands(state: RunState, step: StepState) -> bool:
    """Whether a step still belongs to what holds it: a decision that was taken anew may have gone another way."""
    scope = state.scopes[step.scope]
    owner = state.steps.get(scope.owner)
    if owner is None or scope.kind not in ("block", "each"):
        return True
    return scope.generation == owner.generation and step.id in scope.steps and stands(state, owner)


def items_of(state: RunState, step: StepState) -> tuple[StepState, ...]:
    """The steps that do a step's work for each item of its list, in order."""
    scope = state.scopes.get(step.id)
    if scope is None or scope.kind != "each":
        return ()
    return tuple(state.steps[name] for name in scope.steps)


def walk(state: RunState, scope: str = "", depth: int = 0) -> Iterator[tuple[int, StepState]]:
    """Every step with its depth, as a tree is read: each followed by what it holds and what was done about it."""
    inside: dict[str, list[Scope]] = {}
    for each in state.scopes.values():
        if each.name:
            inside.setdefault(each.owner, []).append(each)
    shown: set[str] = set()

    def steps_of(here: Scope, level: int) -> Iterator[tuple[int, StepState]]:
        for address in here.steps:
            if address in shown:
                continue
            shown.add(address)
            yield level, state.steps[address]
            for inner in inside.get(address, ()):
                yield from steps_of(inner, level + 1)

    yield from steps_of(state.scopes[scope], depth)
    for about in inside.get("", ()):
        yield from steps_of(about, depth)
