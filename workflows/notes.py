"""What is worth telling of an attempt and changes nothing about it, such as a circuit that opened.

A note reaches the journal of the run in whose attempt it was made, however deep below, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_writer: ContextVar[Callable[[str], None] | None] = ContextVar("writer of notes", default=None)


@contextmanager
def noting(write: Callable[[str], None]) -> Iterator[None]:
    """Notes made inside, by this task and those it starts, go to `write`."""
    token = _writer.set(write)
    try:
        yield
    finally:
        _writer.reset(token)


def note(text: str) -> None:
    """Make a note, where an attempt is under way; else it is nobody's."""
    write = _writer.get()
    if write is not None:
        write(text)
