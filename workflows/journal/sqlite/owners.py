"""Which processes that own runs are alive: exactly, not by time. Each holds an flock on a file of its own."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from workflows.journal.files import is_locked, make_folder, open_private


class Owners:
    """The owners that share a journal. `me` names this one, and differs from every other there ever was.

    A process id would not do as the name: in a container each new process may have the same.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self.me = f"{os.getpid()}-{secrets.token_hex(8)}"

    def enter(self) -> str:
        """Be seen as alive until `leave` or the end of the process, however it ends. Raises OSError."""
        while self._descriptor is None:
            make_folder(self._folder)
            path = self._folder / self.me
            descriptor = open_private(path)
            # Another process that sweeps may have the file for a moment, and then removes it.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(descriptor, path):
                self._descriptor = descriptor
            else:
                os.close(descriptor)
        return self.me

    def beat(self) -> None:
        """Show that this process is at work, not only there. Raises OSError."""
        if self._descriptor is not None:
            os.utime(self._descriptor)

    def leave(self) -> None:
        """Own nothing any more."""
        if self._descriptor is not None:
            (self._folder / self.me).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def alive(self, name: str) -> bool:
        """Whether the owner's process lives. Raises OSError where that cannot be found out."""
        if name == self.me:
            return self._descriptor is not None
        return bool(name) and is_locked(self._folder / name)

    def living(self) -> dict[str, float]:
        """All owners that live, and when each was last heard of (seconds since the epoch)."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return {}
        return {name: heard for name in names if self.alive(name) and (heard := self._heard(name)) is not None}

    def _heard(self, name: str) -> float | None:
        try:
            return (self._folder / name).stat().st_mtime
        except FileNotFoundError:
            return None  # it has left just now

    def sweep(self) -> None:
        """Remove the files of owners that were killed."""
        for name in set(os.listdir(self._folder)).difference(self.living()) - {self.me}:
            _remove_if_free(self._folder / name)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _remove_if_free(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        pass  # its owner came just now
    finally:
        os.close(descriptor)
