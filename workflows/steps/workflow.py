"""workflow: another workflow, as a scope of the same run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from workflows.definition.fields import Name, Values
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.arguments import check_arguments, check_named
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.values import Json, canonical


class ChildFields(Fields):
    noun: ClassVar[str] = "workflow step"

    workflow: Name = Field(description="The workflow, by its file's name without the ending.")
    parameters: Values = Field(default_factory=dict, description="What it is given.")


class ChildWorkflow(Alone):
    """Does another workflow, as a part of the same run. Gives its outputs."""

    name: ClassVar[str] = "workflow"
    fields: ClassVar[type[Fields]] = ChildFields

    def check(self, fields: ChildFields, catalogue: Catalogue) -> Iterable[Finding]:
        yield from check_named("workflow", fields.workflow, ("workflow",), catalogue)
        entry = catalogue.find("workflow", fields.workflow)
        if entry is not None and not entry.problem:
            yield from check_arguments(entry, fields.parameters)

    def describe(self, fields: ChildFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entry = catalogue.find("workflow", fields.workflow)
        return Description(f"run the workflow {fields.workflow}", (entry,) if entry else (), None)

    async def show(self, ctx: Context) -> Shown:
        given = ctx.input
        body = "\n".join(f"{name}: {canonical(value)}" for name, value in given["parameters"].items())
        return Shown(f"Run the workflow {given['workflow']}", body, {"workflow": given["workflow"]})

    async def run(self, ctx: Context) -> Json:
        return await ctx.steps()
