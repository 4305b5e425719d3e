"""The base of kinds that name nobody and need nothing that exists elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from workflows.errors import fail
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.values import Json


class Alone:
    """Answers the port's questions for a kind that performs itself. A kind says more where it has more to say."""

    name: ClassVar[str]
    fields: ClassVar[type[Fields]]

    def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
        return ()

    def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
        return ("",)

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description(self.name)

    async def show(self, ctx: Context) -> Shown:
        return Shown(f"{ctx.address}: {self.name}")

    async def run(self, ctx: Context) -> Json:
        raise fail("dependency", f"{self.name} steps cannot run yet", "Take the step out of the workflow.")
