"""Whether a server follows schedules and triggers here, so that commands can say when nobody does."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from workflows.journal.files import is_locked, open_private

_NAME = "serving.lock"


class Presence:
    """A mark that a living server holds, and that the kernel drops when it dies. Of several, one holds it."""

    def __init__(self, data: Path) -> None:
        self._path = data / _NAME
        self._held: int | None = None

    def show(self) -> None:
        """Hold the mark from now on, unless another server does. Raises OSError."""
        if self._held is not None:
            return
        descriptor = open_private(self._path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return
        self._held = descriptor

    def close(self) -> None:
        """Hold it no more."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def is_served(data: Path) -> bool:
    """Whether a living server follows what stands here; false too where that cannot be found out."""
    try:
        return is_locked(data / _NAME)
    except OSError:
        return False
