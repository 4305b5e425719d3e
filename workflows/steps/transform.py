"""transform: a value computed from others by expressions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from workflows.definition.fields import Value
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Shown
from workflows.values import Json


class TransformFields(Fields):
    noun: ClassVar[str] = "transform step"

    value: Value = Field(description="The step's output.")


class Transform(Alone):
    """Its output is its value, with every expression in it replaced."""

    name: ClassVar[str] = "transform"
    fields: ClassVar[type[Fields]] = TransformFields

    def describe(self, fields: TransformFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("compute a value")

    async def show(self, ctx: Context) -> Shown:
        value = json.dumps(ctx.input.get("value"), indent=2, ensure_ascii=False)
        return Shown(f"{ctx.address}: a value computed", value, language="json")

    async def run(self, ctx: Context) -> Json:
        return ctx.input.get("value")
