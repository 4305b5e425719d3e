"""What is worth telling of an attempt and changes nothing about it, such as a circuit that opened.

A note reaches the journal of the run in whose attempt it was made, however deep below, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_writer: ContextVar[Callable[[str], None] | None] = ContextVar("writer of notes", default=None)


class noting:  # used as the verb that it is
    """Notes made inside, by this task and those it starts, go to `write`."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def __enter__(self) -> None:
        self._token = _writer.set(self._write)

    def __exit__(self, *ended: object) -> None:
        _writer.reset(self._token)


def note(text: str) -> None:
    """Make a note, where an attempt is under way; else it is nobody's."""
    write = _writer.get()
    if write is not None:
        write(text)
