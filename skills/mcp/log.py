"""What a server says beside its answers: kept in a file of bounded size, and its end for whoever hears of a failure."""

from __future__ import annotations

import os
import re
from pathlib import Path

from workflows.border import LiveText
from workflows.secrets import Redactor

LARGEST = 1024 * 1024
"""Bytes of the file. Then it begins anew, and the one before it is kept as `.1`."""

_ERROR = re.compile(r"\w*Error: |\berror\b|\bfatal\b", re.IGNORECASE)
_TAIL = 2000

_OURS = "[understudy]"
"""What a line of our own begins with."""


class ServerLog:
    """The log of one server, for both its stderr and what we have to say about it.

    What the redactor knows is left out of it. Not being able to write is no reason
    for a call to fail: what cannot be kept is lost.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path, self.redactor = path, redactor
        self._tail = ""
        self._file = -1
        self._size = 0
        self._live = LiveText(self._keep, self.redactor)

    def write(self, text: str) -> None:
        """Take in what it says: cleaned, without secrets."""
        self._live(text)

    def note(self, line: str) -> None:
        """A line of our own."""
        self._live.flush()
        if self._tail and not self._tail.endswith("\n"):
            self._keep("\n")
        self._live(f"{_OURS} {line}\n")

    def tail(self) -> str:
        """The last of what it said, short enough to go with a failure."""
        self._live.flush()
        return self._tail.strip()

    def last_words(self) -> str:
        """The line of its end that tells most: the first that speaks of an error, else the last; empty for none."""
        lines = [line.strip() for line in self.tail().splitlines() if line.strip() and not line.startswith(_OURS)]
        return next(filter(_ERROR.search, lines), lines[-1] if lines else "")

    def close(self) -> None:
        self._live.flush()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _keep(self, text: str) -> None:
        self._tail = (self._tail + text)[-_TAIL:]
        data = text.encode("utf-8", "replace")
        try:
            if self._file < 0 or self._size + len(data) > LARGEST:
                self._open(len(data))
            self._size += os.write(self._file, data[:LARGEST])
        except OSError:
            pass  # no room, or no right to write there

    def _open(self, coming: int) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self.path.exists() and self.path.stat().st_size + coming > LARGEST:
            os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size
