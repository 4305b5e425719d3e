"""A skill's function in a thread of this process, and its context as a thread may use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from typing import TypeVar

from skills.declare import Context, Service
from skills.group import GRACE
from skills.services import start_aside
from skills.waiting import sleep_of

T = TypeVar("T")


async def call_in_thread(context: Context, call: Callable[[Context], T]) -> T:
    """Make a call in a thread. One that is cancelled is given time to end, so that nothing changes afterwards.

    What it waits for then ends at once, with concurrent.futures.CancelledError.
    """
    loop = asyncio.get_running_loop()
    waits: list[Future[None]] = []
    over = False

    async def wait(seconds: float) -> None:
        await context.sleep(seconds)

    def begin(seconds: float) -> Future[None]:
        future = asyncio.run_coroutine_threadsafe(wait(seconds), loop)
        waits.append(future)
        if over:
            future.cancel()
        return future

    def tell(whom: Callable[[str], None], text: str) -> None:
        loop.call_soon_threadsafe(whom, text)

    def launch(service: Service) -> int:
        return asyncio.run_coroutine_threadsafe(start_aside(context.launch, service), loop).result()

    inner = replace(
        context,
        emit=lambda text: tell(context.emit, text),
        log=lambda text: tell(context.log, text),
        sleep=sleep_of(begin),
        launch=launch,
    )
    future = loop.run_in_executor(None, copy_context().run, call, inner)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        over = True
        for each in waits:
            each.cancel()
        await asyncio.wait((future,), timeout=GRACE)
        if future.done() and not future.cancelled():
            future.exception()  # seen: nobody else will ask
        raise
