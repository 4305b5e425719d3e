"""Whether a step of one plan would do what a step of another did, and which parameters it depends on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from workflows.expressions import ROOTS, Reference, compile_condition, compile_value
from workflows.planning.plan import Block, Plan, PlannedStep
from workflows.values import Json, digest, plain


def alike(one: PlannedStep, other: PlannedStep) -> bool:
    """Whether both are the same work, with all that they hold. How they are timed, retried and told does not count."""
    # Never by ==, for which 1, 1.0 and true are the same.
    return one is other or digest(meaning(one)) == digest(meaning(other))


def alike_outside(one: PlannedStep, other: PlannedStep) -> bool:
    """The same for what the steps themselves are given: the steps that they hold may differ."""
    return one is other or digest(plain(_own(one))) == digest(plain(_own(other)))


def alike_in_failure(one: PlannedStep, other: PlannedStep) -> bool:
    """Whether both fail alike: as often tried, as long waited for, and taken as hard."""
    return _in_failure(one) == _in_failure(other)


def _in_failure(step: PlannedStep) -> object:
    each = step.each and _in_failure(step.each.step)
    return step.retry, step.timeout, step.idle_timeout, step.on_failure, each


def _own(step: PlannedStep) -> Json:
    return {
        "kind": step.kind,
        "fields": step.fields,
        "when": step.when,
        "performers": step.performers,
        "each": step.each and (step.each.over, step.each.name, _own(step.each.step)),
        "branches": [block.when for block in step.inside],
        "child": step.child and (step.child.parameters, step.child.merge),
        "schema": step.output_schema,
        "key": step.remember and step.remember.key,
    }


def _whole(step: PlannedStep) -> Json:
    return {
        **_own(step),
        "each_whole": step.each and _whole(step.each.step),
        "inside": [_block(block) for block in step.inside],
        "child_whole": step.child and (_block(step.child), dict(step.child.outputs)),
    }


def _block(block: Block) -> Json:
    return [(step.id, step.after, _whole(step)) for step in block.steps]


def meaning(step: PlannedStep) -> Json:
    """What a step would do, with all that it holds, as data: of another step that is alike it is the same."""
    return plain(_whole(step))


def parameters_read(step: PlannedStep, items: Collection[str] = ()) -> Collection[str] | None:
    """The workflow's parameters that a step reads, with all that it holds; None where it may read any of them.

    `items` are names of items of lists that it is done for. What a child workflow reads are its own parameters.
    """
    return _read_of("parameters", references_of(step, items))


def environment_read(step: PlannedStep, items: Collection[str] = ()) -> Collection[str] | None:
    """The same of the variables of the environment."""
    return _read_of("env", references_of(step, items))


def _read_of(root: str, references: Iterable[Reference]) -> Collection[str] | None:
    found = [each for each in references if each.root == root]
    return None if any(not each.path for each in found) else {str(each.path[0]) for each in found}


def references_of(step: PlannedStep, items: Collection[str] = ()) -> frozenset[Reference]:
    """All that a step's expressions read, with those of the steps that it holds, but not those of a child workflow."""
    values: list[Json] = [step.fields, step.each and step.each.over, step.remember and step.remember.key]
    conditions = [step.when, *(block.when for block in step.inside)]
    if step.each is not None:
        items = {*items, step.each.name}
    roots = {*ROOTS, *items}
    found = frozenset().union(*(compile_value(value, roots=roots).references for value in values))
    found = found.union(*(compile_condition(each, roots=roots).references for each in conditions if each))
    held = [inner for block in step.inside for inner in block.steps]
    held += [step.each.step] if step.each else []
    return found.union(*(references_of(inner, items) for inner in held))


def with_items(step: PlannedStep, items: Collection[str] = ()) -> Iterator[tuple[PlannedStep, Collection[str]]]:
    """A step and all that belongs to it, each with the names of the items that its expressions may read.

    What a child workflow has begins without any.
    """
    yield step, items
    about = (step.undo, step.verify and step.verify.step, step.tell and step.tell.step)
    held = [(inner, items) for block in step.inside for inner in block.all_steps]
    held += [(inner, items) for inner in about if inner]
    held += [(step.each.step, {*items, step.each.name})] if step.each else []
    held += [(inner, ()) for inner in step.child.all_steps] if step.child else []
    for inner, names in held:
        yield from with_items(inner, names)


def environment_of(plan: Plan) -> frozenset[str]:
    """The variables of the environment that the steps of a plan name, those of child workflows included."""
    every = (found for step in plan.all_steps for found in with_items(step))
    return frozenset().union(*(environment_read(step, items) or () for step, items in every))


def changed_parameters(before: Json, after: Json) -> frozenset[str]:
    """The names of the parameters whose values differ."""
    before, after = before or {}, after or {}
    return frozenset(name for name in {*before, *after} if digest(before.get(name)) != digest(after.get(name)))
