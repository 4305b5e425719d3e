"""Room in SQLite's write-ahead log ahead of what is written: a commit that makes the file longer takes twice as long.

SQLite reads a log up to the first frame that it did not write (sqlite.org/fileformat2.html, 4.1), so zeros after its
end mean nothing to it, and it writes over them.
"""

from __future__ import annotations

import os
from pathlib import Path

STRIDE = 1_000_000
"""Bytes of room that are made at once, at most."""


class Log:
    """A database's write-ahead log. Only for whoever is in a write transaction: nobody else changes it then."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._end = 0
        """Where the room ends that was made."""

    def make_room(self) -> None:
        """Where the log has outgrown its room, make it twice as long. That it cannot be done is no harm."""
        try:
            size = os.stat(self._path).st_size
            if size > self._end:
                self._end = size + min(size, STRIDE)
                self._fill(size, self._end - size)
        except OSError:
            # A full disk, perhaps: what is written next finds out, and says so.
            pass

    def _fill(self, start: int, length: int) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if os.pwrite(descriptor, bytes(length), start) < length:
                os.ftruncate(descriptor, start)  # the rest of the disk is for what is really written
        finally:
            os.close(descriptor)
