"""decision: the first branch whose condition is true is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Condition, Definition
from workflows.definition.model import Step
from workflows.definition.outline import Nested
from workflows.steps.alone import Alone
from workflows.steps.kind import Fields


class Branch(Definition):
    """Steps that are done where the condition is true, one after the other."""

    noun: ClassVar[str] = "branch"

    when: Condition = Field(description="The branch is taken where this is true.")
    steps: tuple[Step, ...] = Field(min_length=1, description="Its steps.")


class DecisionFields(Fields):
    noun: ClassVar[str] = "decision step"

    branches: tuple[Branch, ...] = Field(min_length=1, description="Looked at in order; the first true one is taken.")
    default: tuple[Step, ...] = Field((), description="Steps that are done where no branch is taken.")

    def nested(self) -> Iterable[Nested]:
        for index, branch in enumerate(self.branches):
            yield Nested(("branches", index, "steps"), branch.steps)
        yield Nested(("default",), self.default)


class Decision(Alone):
    """Parsed and checked only."""

    name: ClassVar[str] = "decision"
    fields: ClassVar[type[Fields]] = DecisionFields
    runnable: ClassVar[bool] = False
