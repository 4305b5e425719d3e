"""parallel: steps that run at the same time, inside a stage that does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from workflows.definition.model import Step
from workflows.definition.outline import Nested
from workflows.steps.alone import Alone
from workflows.steps.kind import Fields


class ParallelFields(Fields):
    noun: ClassVar[str] = "parallel step"

    steps: tuple[Step, ...] = Field(min_length=1, description="The steps that run at the same time.")
    wait_for: Literal["all", "first"] = Field(
        "all", description="Whether it is over with the last or the first of them."
    )

    def nested(self) -> Iterable[Nested]:
        yield Nested(("steps",), self.steps, parallel=True)


class Parallel(Alone):
    """Parsed and checked only."""

    name: ClassVar[str] = "parallel"
    fields: ClassVar[type[Fields]] = ParallelFields
    runnable: ClassVar[bool] = False
