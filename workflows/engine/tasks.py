"""What goes on in one run: a task for each step that something is under way in, and those that watch."""

from __future__ import annotations

import asyncio
import logging
import types
from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator
from typing import Any

_log = logging.getLogger(__name__)


class Tasks:
    """Of one driver. `ended` hears of each step in which nothing is under way any more.

    `failed` hears why something died that must not: the run would stand still for ever, and nobody would know.
    """

    def __init__(self, ended: Callable[[str], None], failed: Callable[[str], None]) -> None:
        self.busy: dict[str, asyncio.Task[None]] = {}
        self.launched = 0
        self._watchers: list[asyncio.Task[None]] = []
        self._told = ended
        self._failed = failed

    def launch(self, step: str, work: Callable[[], Awaitable[None]]) -> None:
        """Have something done in a step that is not busy."""
        # Not by asyncio.create_task, which makes up a name first.
        self.busy[step] = asyncio.get_running_loop().create_task(self._do(step, work), name=step)
        self.launched += 1

    async def _do(self, step: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # how a try ends is recorded, so whatever comes here is a fault of ours
            self._fail(error)
        finally:
            self._over(step)

    def _over(self, step: str) -> None:
        if self.busy.pop(step, None) is not None:
            self._told(step)

    async def cancel(self, steps: Collection[str] | None = None) -> None:
        """Stop what is under way in these steps, or in all, and wait until it has stopped."""
        tasks = {name: task for name, task in self.busy.items() if steps is None or name in steps}
        for task in tasks.values():
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        for name in tasks:
            self._over(name)  # one that was stopped before it began has not said so itself

    def watch(self, watching: Coroutine[Any, Any, None]) -> None:
        """Let this go on until the run ends."""
        watcher = asyncio.create_task(watching)
        watcher.add_done_callback(self._watched)
        self._watchers.append(watcher)

    def _watched(self, watcher: asyncio.Task[None]) -> None:
        if not watcher.cancelled() and (error := watcher.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        _log.error("a run cannot go on", exc_info=error)
        self._failed(f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Stop all of it, and let go of whoever is told: what refers to each other waits for the garbage collector."""
        for watcher in self._watchers:
            watcher.cancel()
        await self.cancel()
        self._watchers.clear()
        self._told = self._failed = _tell_nobody


def _tell_nobody(what: str) -> None:
    """Where there is nobody any more."""


@types.coroutine
def turn() -> Generator[None, None, None]:
    """Let everybody else have a turn of the loop; as `asyncio.sleep(0)`, with half as much around it."""
    yield
