"""What stands around every attempt of every step: timing, tracing, limits of one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from workflows.steps.context import Context
from workflows.steps.kind import StepKind
from workflows.steps.likeness import surrounded
from workflows.values import Json

Next = Callable[[], Awaitable[Json]]
"""Does the step's work, and gives its output."""

Middleware = Callable[[Context, Next], Awaitable[Json]]
"""Awaits `inner()` and returns its output or another; raises `workflows.errors.fail(…)` to make the attempt fail.

It acts outside through `ctx.call` only, as a kind does: then it too happens once, whatever dies in between.
"""


def around(kind: StepKind, middleware: Sequence[Middleware]) -> StepKind:
    """The kind of step with middleware around its work. What it says of itself stays what it was."""

    async def run(ctx: Context) -> Json:
        async def work() -> Json:
            return await kind.run(ctx)

        step: Next = work
        for each in reversed(middleware):
            step = _within(each, ctx, step)
        return await step()

    return surrounded(kind, run)


def _within(middleware: Middleware, ctx: Context, inner: Next) -> Next:
    async def step() -> Json:
        return await middleware(ctx, inner)

    return step
