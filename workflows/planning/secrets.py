"""secrets_of(plan): which secrets a run may send, known before it starts. Pure."""

from __future__ import annotations

from workflows.expressions import ROOTS, compile_value
from workflows.planning.plan import Plan


def secrets_of(plan: Plan) -> tuple[str, ...]:
    """The names of the secrets that any step of the plan reads, in the order of the file."""
    items = {step.each.name for step in plan.every if step.each is not None}
    roots = {*ROOTS, *items}
    references = (found for step in plan.every for found in compile_value(step.fields, roots=roots).references)
    return tuple(dict.fromkeys(str(each.path[0]) for each in references if each.root == "secrets" and each.path))
