"""readers_of(state, step): which steps that are still to come read another one's output. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from workflows.expressions import ROOTS, Reference, compile_condition, compile_value
from workflows.planning.plan import PlannedStep
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import home_of


def readers_of(state: RunState, step: StepState) -> Sequence[str]:
    """The ids of the steps of the same workflow that read this one, or what holds it, and are not over."""
    home = home_of(state, step)
    roots = {*ROOTS, *(each.name for planned in home.plan.every if (each := planned.each))}
    names = {step.planned.id, *home.plan.paths.get(step.planned.id, ())}
    over = {other.planned.id for other in state.steps.values() if other.over and home_of(state, other) is home}
    return [
        planned.id
        for planned in home.plan.every
        if planned.id not in over
        and any(
            found.root == "steps" and (not found.path or found.path[0] in names)
            for found in _references(planned, roots)
        )
    ]


def _references(planned: PlannedStep, roots: Collection[str]) -> Iterator[Reference]:
    yield from compile_value(planned.fields, roots=roots).references
    if planned.each is not None:
        yield from compile_value(planned.each.over, roots=roots).references
    if planned.when:
        yield from compile_condition(planned.when, roots=roots).references
