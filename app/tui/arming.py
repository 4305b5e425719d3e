"""Keys typed before a person can have seen a question do not answer it."""

from __future__ import annotations

from workflows.clock import Clock

GRACE = 0.4
"""Seconds after something appeared in which keys do not answer it."""


class Arming:
    """Remembers when what is shown appeared."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._what = ""
        self._since = 0.0

    def appeared(self, what: str, *, again: bool = False) -> None:
        """This is what is shown now. The time counts from when it first was, or from now `again`."""
        if what != self._what or again:
            self._what, self._since = what, self._clock.monotonic()

    def armed(self) -> bool:
        """Whether it was there long enough to be answered."""
        return bool(self._what) and self._clock.monotonic() - self._since >= GRACE
