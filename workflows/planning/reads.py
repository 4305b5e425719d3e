"""Which steps a step reads, and which it holds: what a plan's order is made from. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workflows.definition.model import Step
from workflows.definition.modifiers import Notify
from workflows.definition.outline import Nested
from workflows.expressions import ROOTS, compile_condition, compile_value
from workflows.parts import data_of
from workflows.values import Json


def reads(step: Step, items: Collection[str] = ()) -> Collection[str]:
    """The ids of the steps that the step's expressions read, those of the steps inside it among them.

    `items` are the names of items of lists that it is done for.
    """
    if step.foreach is not None:
        items = {*items, step.foreach.as_}
    roots = {*ROOTS, *items}
    actions = [action for action in (step.undo, step.verify) if action]
    conditions = [step.when, *(branch.when for branch in getattr(step.fields, "branches", ()))]
    conditions += [getattr(action, name, None) for action in actions for name in ("when", "happened")]
    values: list[Json] = [data_of(step.fields, holding(step))]
    if step.foreach is not None:
        values.append(step.foreach.in_)
    if step.cache is not False and step.cache is not True:
        values.append(step.cache.key)
    values += [data_of(action, {"when", "happened"}) for action in actions]
    if isinstance(step.notify, Notify):
        values.append(step.notify.text)
    references = {found for value in values for found in compile_value(value, roots=roots).references}
    for condition in filter(None, conditions):
        references |= compile_condition(condition, roots=roots).references
    own = {str(found.path[0]) for found in references if found.root == "steps" and found.path}
    return own.union(*(reads(inner, items) for block in nested(step) for inner in block.steps))


def nested(step: Step) -> Sequence[Nested]:
    """The blocks of steps that the step holds in its own fields."""
    blocks = getattr(step.fields, "nested", None)
    return tuple(blocks()) if blocks is not None else ()


def holding(step: Step) -> set[str]:
    """The fields that hold steps: they are planned on their own, and are no part of what the step is given."""
    return {str(block.path[0]) for block in nested(step)}


def within(step: Step) -> set[str]:
    """The ids of the step and of all steps inside it."""
    return {step.id}.union(*(within(inner) for block in nested(step) for inner in block.steps))
