"""A kind of step that says of itself what another one says, and does its work otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, ClassVar

from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Reading, Shown, StepKind
from workflows.values import Json

Run = Callable[[Context], Awaitable[Json]]
Show = Callable[[Context], Awaitable[Shown]]


def like(kind: StepKind, run: Run, show: Show) -> StepKind:
    """The kind, but for what it does and what an approval shows. It looks at nothing outside for the key of a cache."""

    class Like:
        name: ClassVar[str] = kind.name
        fields: ClassVar[type[Fields]] = kind.fields

        def check(self, fields: Any, catalogue: Catalogue) -> Iterable[Finding]:
            return kind.check(fields, catalogue)

        def performers(self, fields: Any, fallback: Sequence[str]) -> tuple[str, ...]:
            return kind.performers(fields, fallback)

        def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
            return kind.describe(fields, fallback, catalogue)

        async def show(self, ctx: Context) -> Shown:
            return await show(ctx)

        async def run(self, ctx: Context) -> Json:
            return await run(ctx)

    return Like()


def surrounded(kind: StepKind, run: Run) -> StepKind:
    """The kind with something around its work. What it shows, and what its cached outcome depends on, stay its own."""
    if not isinstance(kind, Reading):
        return like(kind, run, kind.show)
    reading, around = kind, like(kind, run, kind.show)

    class Surrounded(type(around)):  # type: ignore[misc]  # the class is made for this kind, just above
        async def depends_on(self, ctx: Context) -> Json:
            return await reading.depends_on(ctx)

    made: StepKind = Surrounded()
    return made
