"""What a skill asks of us: one `sleep` for functions that block and for those that await, and what is refused."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from typing import Any

from skills.declare import Service
from workflows.errors import fail
from workflows.steps.context import Context
from workflows.values import Json

Sleep = Callable[[float], Awaitable[None]]


class Over:
    """A wait that is over: awaiting it does not wait."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


def sleep_of(begin: Callable[[float], Future[Any]]) -> Sleep:
    """`Context.sleep` from what begins a wait: it blocks, but where this thread has a running loop it is awaited."""

    def sleep(seconds: float) -> Awaitable[None]:
        length = seconds_of(seconds)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            begin(length).result()
            return Over()
        return _awaited(begin, length)

    return sleep


async def _awaited(begin: Callable[[float], Future[Any]], seconds: float) -> None:
    # A coroutine, so that Python warns where it is not awaited.
    await asyncio.wrap_future(begin(seconds))


def seconds_of(given: Json) -> float:
    """The number of seconds to wait. Raises CallFailed (`validation`) for anything else."""
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given) or given < 0:
        raise fail("validation", f"a skill can wait for a number of seconds, not for {given!r}", "such as 2.5")
    return float(given)


def durable_sleep(ctx: Context, call: str) -> Sleep:
    """Waits of one call of a skill, through the step's context: each has its place in the call's order as its name."""
    count = 0

    async def sleep(seconds: float) -> None:
        nonlocal count
        count += 1
        await ctx.sleep(f"{call}/sleep{count}", seconds_of(seconds))

    return sleep


def preview_sleep(seconds: float) -> Awaitable[None]:
    """Refused: whoever approves waits for what is shown."""
    raise fail("validation", "a preview does not wait", "show at once what is known")


def preview_launch(service: Service) -> int:
    """Refused: nobody has approved yet."""
    raise fail("validation", "a preview starts nothing", "say what would be started")


def unsaid_launch(service: Service) -> int:
    """Refused: nobody could know."""
    message = f"{service.name} is not started: the skill does not say that it starts programs"
    raise fail("denied", message, 'say `touches=["shell"]` and an effect that is not pure, so that plans show it')
