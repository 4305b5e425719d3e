"""decision: the first branch whose condition is true is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from workflows.definition.fields import Condition, Definition
from workflows.definition.model import Step
from workflows.definition.outline import Nested
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields
from workflows.values import Json


class Branch(Definition):
    """Steps that are done where the condition is true, one after the other."""

    noun: ClassVar[str] = "branch"

    when: Condition = Field(description="The branch is taken where this is true.")
    steps: tuple[Step, ...] = Field(least=1, description="Its steps.")


class DecisionFields(Fields):
    noun: ClassVar[str] = "decision step"

    branches: tuple[Branch, ...] = Field(least=1, description="Looked at in order; the first true one is taken.")
    default: tuple[Step, ...] = Field(default=(), description="Steps that are done where no branch is taken.")

    def nested(self) -> Iterable[Nested]:
        for index, branch in enumerate(self.branches):
            yield Nested(("branches", index, "steps"), branch.steps)
        yield Nested(("default",), self.default)


class Decision(Alone):
    """Does the steps of the first branch whose condition holds. Gives an object of their outputs, by id."""

    name: ClassVar[str] = "decision"
    fields: ClassVar[type[Fields]] = DecisionFields

    def describe(self, fields: DecisionFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        count = len(fields.branches)
        otherwise = ", or its default" if fields.default else ""
        return Description(f"one of {count} branches{otherwise}" if count > 1 else f"a branch{otherwise}", effect=None)

    async def run(self, ctx: Context) -> Json:
        return await ctx.steps()
