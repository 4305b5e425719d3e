"""How long an attempt may take, and how long it may show no sign of life. Waiting for others does not count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


class Deadlines:
    """The two deadlines of one attempt. Times are seconds."""

    def __init__(self) -> None:
        self._limits: tuple[asyncio.Timeout, ...] = ()
        self._timeout: float | None = None
        self._idle: float | None = None

    @asynccontextmanager
    async def within(self, timeout: float | None, idle: float | None) -> AsyncIterator[None]:
        """Raises TimeoutError where the block takes longer, or shows no sign of life for `idle`."""
        self._timeout, self._idle = timeout, idle
        async with asyncio.timeout(timeout) as whole, asyncio.timeout(idle) as still:
            self._limits = (whole, still)
            yield

    @property
    def passed(self) -> str:
        """Which one has passed, as a sentence; empty where none has."""
        for limit, text in zip(
            self._limits,
            (f"It took longer than its {self._timeout or 0:g} s.", f"It was idle for {self._idle or 0:g} s."),
            strict=False,
        ):
            if limit.expired():
                return text
        return ""

    def alive(self) -> None:
        """A sign of life."""
        if self._limits and self._idle is not None and not self.passed and self._limits[1].when() is not None:
            self._limits[1].reschedule(asyncio.get_running_loop().time() + self._idle)

    async def outside(self, waiting: Awaitable[T]) -> T:
        """Wait for a person, a timer or the journal: the deadlines are for the step's own work and stand still."""
        now = asyncio.get_running_loop().time
        paused = [(limit, when - now()) for limit in self._limits if not self.passed and (when := limit.when())]
        for limit, _ in paused:
            limit.reschedule(None)
        try:
            return await waiting
        finally:
            for limit, left in paused:
                limit.reschedule(now() + left)
