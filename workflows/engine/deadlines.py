"""How long an attempt may take, and how long it may show no sign of life. Waiting for others does not count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeVar

T = TypeVar("T")


class Deadlines:
    """The two deadlines of one attempt. Times are seconds."""

    _limits: tuple[asyncio.Timeout, ...] = ()
    _timeout: float | None = None
    _idle: float | None = None
    _entered = False
    _waiting = 0
    _left: Sequence[tuple[asyncio.Timeout, float]] = ()
    """What was left of each when they began to stand still."""

    def within(self, timeout: float | None, idle: float | None) -> AbstractAsyncContextManager[None]:
        """Raises TimeoutError where the block takes longer, or shows no sign of life for `idle`."""
        if timeout is None and idle is None:
            return nullcontext()
        self._timeout, self._idle = timeout, idle
        return self._within(timeout, idle)

    async def keep(self, work: Awaitable[T], timeout: float | None, idle: float | None) -> T:
        """What the work gives, within these limits."""
        async with self.within(timeout, idle):
            return await work

    @asynccontextmanager
    async def _within(self, timeout: float | None, idle: float | None) -> AsyncIterator[None]:
        async with asyncio.timeout(timeout) as whole, asyncio.timeout(idle) as still:
            self._limits = (whole, still)
            self._entered = True
            try:
                yield
            finally:
                self._entered = False

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

    @property
    def _running(self) -> bool:
        """Whether they can be moved: not before and after the attempt, nor once one has passed."""
        return self._entered and not self.passed

    def alive(self) -> None:
        """A sign of life."""
        if self._idle is not None and self._running and not self._waiting:
            self._limits[1].reschedule(asyncio.get_running_loop().time() + self._idle)

    def outside(self, waiting: Awaitable[T]) -> Awaitable[T]:
        """Wait for a person, a timer or the journal: the deadlines are for the step's own work and stand still.

        Several may wait at once; they go on when the last of them is done.
        """
        return self._outside(waiting) if self._entered else waiting

    async def _outside(self, waiting: Awaitable[T]) -> T:
        now = asyncio.get_running_loop().time
        if self._running and not self._waiting:
            self._left = [(limit, when - now()) for limit in self._limits if (when := limit.when()) is not None]
            for limit, _ in self._left:
                limit.reschedule(None)
        self._waiting += 1
        try:
            return await waiting
        finally:
            self._waiting -= 1
            if self._running and not self._waiting:
                for limit, left in self._left:
                    limit.reschedule(now() + left)
                self._left = ()
