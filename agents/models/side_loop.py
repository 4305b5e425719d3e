"""An event loop in a thread of its own, for a library that now and then blocks the loop it runs on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

JOIN = 2.0
"""Seconds that closing waits for the thread. One that is stuck is left behind: it ends with the process."""


class SideLoop:
    """Runs coroutines beside the caller's loop. The thread starts with the first of them and is a daemon."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._starting = threading.Lock()
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread] | None = None

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await `work()` on the side loop. Cancelling this cancels it there, without waiting for its clean-up."""
        return await asyncio.wrap_future(self.begin(work))

    def begin(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Begin `work()` on the side loop, and return at once."""
        with self._starting:
            loop, _, _ = self._running = self._running or self._start()
        return asyncio.run_coroutine_threadsafe(work(), loop)

    async def aclose(self) -> None:
        """Cancel what runs and end the thread. What is run afterwards starts a new one."""
        with self._starting:
            running, self._running = self._running, None
        if running:
            loop, stop, thread = running
            loop.call_soon_threadsafe(stop.set)
            await asyncio.to_thread(thread.join, JOIN)

    def _start(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread]:
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def serve() -> None:
            stop = asyncio.Event()
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name=self._name, daemon=True)
        thread.start()
        return *started.result(), thread
