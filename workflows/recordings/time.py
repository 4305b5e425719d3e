"""Time in a replay: it stands still until everybody waits, and then it is later at once."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class ReplayedTime:
    """A clock. It begins when the recorded run did, so that what reads the time reads the same."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._count = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._count), waking))
        await waking

    def move_to(self, when: float) -> None:
        """Let it be as late as that; whoever waited for an earlier time goes on, the first first."""
        self._now = max(self._now, when)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, waking = heapq.heappop(self._sleepers)
            if not waking.done():
                waking.set_result(None)
