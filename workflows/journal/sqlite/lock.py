"""One file lock around every write, checkpoint and close of all processes that share the journal.

SQLite before 3.51.3 can damage a WAL database that two connections write or checkpoint at the same moment. The lock
is on a file of its own: closing any descriptor of the database file would drop SQLite's own locks on it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflows.journal.files import open_private
from workflows.journal.port import StoreError

SHORTEST, LONGEST = 0.0005, 0.02
"""Seconds between two tries."""


class FileLock:
    """An flock, which the kernel drops when its process dies. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @contextmanager
    def held(self, deadline: Callable[[], float]) -> Iterator[None]:
        """Hold the lock, waiting for it until `deadline()`, a reading of time.monotonic that may change meanwhile.

        Raises StoreError where it is too late, OSError where the lock file cannot be used.
        """
        if self._descriptor is None:
            self._descriptor = open_private(self._path)
        self._wait(self._descriptor, deadline)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the file go. The file itself stays, since another process may be waiting on it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _wait(self, descriptor: int, deadline: Callable[[], float]) -> None:
        # Tries and short sleeps, because nothing can end a blocking flock when the program wants to close.
        pause = SHORTEST
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline():
                    raise StoreError(
                        f"Another process has held {self._path} for too long.",
                        "See which other Understudy processes run; one may be stopped. End it, then try again.",
                    ) from None
            time.sleep(pause)
            pause = min(2 * pause, LONGEST)
