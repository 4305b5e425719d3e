"""Has alerts looked for while runs of this process are under way. Nothing is loaded for what is over in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from workflows.bus import Committed, Notice

if TYPE_CHECKING:
    from app.monitoring.watch import Watch

AFTER = 1.0
"""Seconds that a run is under way before anything is looked at."""


class Watching:
    """Subscribes to a bus. `make` makes what looks, when it is first needed; it looks each `interval` (seconds)."""

    def __init__(self, make: Callable[[], Watch], interval: float) -> None:
        self._make = make
        self.interval = interval
        self._watch: Watch | None = None
        self._under_way: set[str] = set()
        self._failed = False
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look from now on, for a process that is there for long: what others left may be over."""
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name="watch")

    def notice(self, notice: Notice) -> None:
        """What the bus told."""
        if not isinstance(notice, Committed):
            return
        if notice.state.over:
            self._under_way.discard(notice.run_id)
            # A failure that is short of a second is one too: it is looked at when the process ends, at the latest.
            self._failed = self._failed or notice.state.status == "failed"
        else:
            self._under_way.add(notice.run_id)
            self.begin()

    async def look(self, *, tell: bool = True) -> None:
        """Look once, now."""
        await self._own().look(tell=tell)

    async def close(self) -> None:
        """Look a last time where there was anything to see, and let another process watch."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._watch is not None or self._failed:
            await self.look()
        if self._watch is not None:
            self._watch.let_go()

    async def _go(self) -> None:
        await asyncio.sleep(AFTER)
        await self._own().go_on(self.interval, asyncio.sleep, lambda: bool(self._under_way))

    def _own(self) -> Watch:
        if self._watch is None:
            self._watch = self._make()
        return self._watch
