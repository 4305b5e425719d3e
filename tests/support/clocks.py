"""A clock that tests move."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

from workflows.clock import SystemClock
from workflows.recordings.time import ReplayedTime


class VirtualClock(ReplayedTime):
    """Time stands still until `advance` is called. Sleepers wake in order."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        super().__init__(start)

    @property
    def next_wake(self) -> float | None:
        """When the next sleeper is due."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, seconds: float) -> None:
        """Move time on, waking each sleeper at its own moment."""
        end = self._now + seconds
        while (due := self.next_wake) is not None and due <= end:
            self.move_to(due)
            await self._settle()
        self.move_to(end)
        await self._settle()

    async def _settle(self) -> None:
        """Let whoever was woken come as far as they can."""
        for _ in range(20):
            await asyncio.sleep(0)


def leap(seconds: float) -> None:
    """Put the running event loop's clock on: what was to pass within these seconds has passed.

    For timeouts of what a test has first seen under way. It lasts as long as the loop: one test. Who keeps the loop's
    `time` sees it only from the first leap on, which may be of 0 seconds.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop.time, _Ahead):
        loop.time = _Ahead(loop.time)  # type: ignore[method-assign]  # nothing else is a loop's clock
    loop.time.seconds += seconds


async def let_pass(seconds: float) -> None:
    """Leap when all that runs has come as far as it can, and let it come as far as it then can."""
    for put_on in (seconds, 0):
        for _ in range(50):
            await asyncio.sleep(0)
        leap(put_on)


class _Ahead:
    """A loop's time, so many seconds later."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.seconds = 0.0

    def __call__(self) -> float:
        return self._now() + self.seconds


class SkippingClock(SystemClock):
    """The machine's clock, but that long waits are over at once, with the time as late as if they had been waited.

    For what waits for minutes beside real programs. `skipped` has the waits, in seconds.
    """

    def __init__(self, shortest: float = 30.0) -> None:
        self.shortest = shortest
        self.skipped: list[float] = []

    def now(self) -> float:
        return super().now() + sum(self.skipped)

    async def sleep(self, seconds: float) -> None:
        if seconds < self.shortest:
            await super().sleep(seconds)
        else:
            self.skipped.append(seconds)
            await asyncio.sleep(0)


class WallClock(VirtualClock):
    """A virtual clock whose wall time can be put on and back, as by a person or after a suspend."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        super().__init__(start)
        self.put_on = 0.0

    def now(self) -> float:
        return super().now() + self.put_on
