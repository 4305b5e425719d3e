"""A file that grows, read as it does: an attempt's live text, written by this process or by another one."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

AT_ONCE = 1024 * 1024
"""Bytes that are read at once."""


class Tail:
    """What was written so far, its last `limit` bytes where it is long, and then what is written."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._at: int | None = None
        self._began = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self) -> str:
        """What is new. Empty where nothing is, or where it cannot be read."""
        try:
            if (size := os.stat(self._path).st_size) == self._at:
                return ""
            with self._path.open("rb") as file:
                start = max(0, size - self._limit) if self._at is None else self._at
                file.seek(start)
                data = file.read(AT_ONCE)
        except OSError:
            return ""
        begins, self._at = self._at is None, start + len(data)
        if begins and start:  # perhaps in the middle of a character
            self._began = start
            data = data.lstrip(bytes(range(0x80, 0xC0)))
        return self._decoder.decode(data)

    def lines_before(self) -> int:
        """How many lines end before what was read first. Reads that part of the file, and only counts."""
        count, left = 0, self._began
        try:
            with self._path.open("rb") as file:
                while left > 0 and (data := file.read(min(AT_ONCE, left))):
                    count += data.count(b"\n")
                    left -= len(data)
        except OSError:
            return 0
        return count
