"""parallel: steps that run at the same time, inside a stage that does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from workflows.definition.model import Step
from workflows.definition.outline import Nested
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Shown
from workflows.values import Json


class ParallelFields(Fields):
    noun: ClassVar[str] = "parallel step"

    steps: tuple[Step, ...] = Field(least=1, description="The steps that run at the same time.")
    wait_for: Literal["all", "first"] = Field(
        default="all", description="Whether it is over with the last or the first of them."
    )

    def nested(self) -> Iterable[Nested]:
        yield Nested(("steps",), self.steps, parallel=True)


class Parallel(Alone):
    """Does its steps at the same time. Gives an object of their outputs, by id."""

    name: ClassVar[str] = "parallel"
    fields: ClassVar[type[Fields]] = ParallelFields

    def describe(self, fields: ParallelFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        first = ", the first that succeeds is enough" if fields.wait_for == "first" else ""
        return Description(f"{len(fields.steps)} steps at the same time{first}", effect=None)

    async def show(self, ctx: Context) -> Shown:
        return Shown(f"Start the steps of {ctx.address}")

    async def run(self, ctx: Context) -> Json:
        return await ctx.steps()
