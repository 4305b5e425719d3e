"""A function as a kind of step, for programs that have the work at hand."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, get_args

from workflows.definition.fields import Value
from workflows.effects import Effect
from workflows.steps.alone import Alone
from workflows.steps.context import Context, Result
from workflows.steps.kind import Catalogue, Description, Fields, Shown, StepKind
from workflows.values import Json, canonical


def step_kind(name: str, work: Callable[..., Any], effect: Effect = "unsafe") -> StepKind:
    """A kind of step that calls the function with the step's `parameters`, by name; its result is the output.

    A function that is not async is called in a thread. Each call is journalled before it is made; one that was cut off
    is made again only where `effect` is pure or idempotent, else a person is asked. Raises ValueError for another one.
    """
    if effect not in get_args(Effect):
        raise ValueError(f"{effect!r} is no effect: {', '.join(get_args(Effect))}")
    title = inspect.getdoc(work) or name
    at_once = inspect.iscoroutinefunction(work)

    class FunctionFields(Fields):
        noun: ClassVar[str] = f"{name} step"

        parameters: Value = None

    class Function(Alone):
        def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
            return Description(title.splitlines()[0], effect=effect)

        async def show(self, ctx: Context) -> Shown:
            return Shown(f"{ctx.address}: {name}", canonical(ctx.input.get("parameters")), language="json")

        async def run(self, ctx: Context) -> Json:
            given = ctx.input.get("parameters") or {}

            async def act(_: str) -> Result:
                if at_once:
                    return Result(await _ending(work(**given)))
                found = await asyncio.to_thread(_called, work, given)
                return Result(await _ending(found) if inspect.isawaitable(found) else found)

            return await ctx.call("call", {name: given}, effect, act, whole=True)

    Function.name = name
    Function.fields = FunctionFields
    return Function()


def _called(work: Callable[..., Any], given: Any) -> Any:
    try:
        return work(**given)
    except (StopIteration, SystemExit) as error:
        raise _failed(error) from error


async def _ending(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except SystemExit as error:
        raise _failed(error) from error


def _failed(error: BaseException) -> RuntimeError:
    """The one would never get out of its thread, and the other end the program: the step fails instead."""
    return RuntimeError(f"{type(error).__name__}({error})")
