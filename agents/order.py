"""In which order the tool calls of one message are made."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


class Order:
    """What looks comes after what acts before it in the same message: it was asked for with that in mind.

    `acts` says of each call, in order, whether it may change something. One that waits for a person holds up nobody.
    """

    def __init__(self, acts: Sequence[bool]) -> None:
        self._passed = [asyncio.Event() for _ in acts]
        for passed, acting in zip(self._passed, acts, strict=True):
            if not acting:
                passed.set()

    async def wait(self, place: int) -> None:
        """Wait until all that acts before this place, counted from 0, is over or waits for a person."""
        for passed in self._passed[:place]:
            await passed.wait()

    def let_by(self, place: int) -> None:
        """Hold up nobody any more."""
        self._passed[place].set()
