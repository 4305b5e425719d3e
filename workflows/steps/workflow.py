"""workflow: another workflow, as a scope of the same run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Name, Values
from workflows.steps.alone import Alone
from workflows.steps.arguments import check_arguments, check_named
from workflows.steps.kind import Catalogue, Description, Fields, Finding


class ChildFields(Fields):
    noun: ClassVar[str] = "workflow step"

    workflow: Name = Field(description="The workflow, by its file's name without the ending.")
    parameters: Values = Field(default_factory=dict, description="What it is given.")


class ChildWorkflow(Alone):
    """Parsed and checked only."""

    name: ClassVar[str] = "workflow"
    fields: ClassVar[type[Fields]] = ChildFields
    runnable: ClassVar[bool] = False

    def check(self, fields: ChildFields, catalogue: Catalogue) -> Iterable[Finding]:
        yield from check_named("workflow", fields.workflow, ("workflow",), catalogue)
        entry = catalogue.find("workflow", fields.workflow)
        if entry is not None and not entry.problem:
            yield from check_arguments(entry, fields.parameters)

    def describe(self, fields: ChildFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entry = catalogue.find("workflow", fields.workflow)
        return Description(f"run the workflow {fields.workflow}", (entry,) if entry else (), None)
