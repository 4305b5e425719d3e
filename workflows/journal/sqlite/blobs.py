"""Large values beside the database, each in a file that is named by its content."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from workflows.journal.files import make_folder, open_private, sync_folder
from workflows.journal.port import StoreError
from workflows.records import dataclass

LARGE = 64 * 1024
"""Bytes of JSON above which a field of an event is kept as a blob."""


@dataclass(frozen=True)
class Blob:
    """JSON text to be kept, and its SHA-256 in hex, which is its name."""

    name: str
    data: bytes

    @classmethod
    def of(cls, text: str) -> Blob:
        data = text.encode()
        return cls(hashlib.sha256(data).hexdigest(), data)


class Blobs:
    """A folder of blobs. Its methods block, and are for threads other than the event loop's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, blob: Blob) -> None:
        """Keep the blob, durable on return, so that a row may name it. Raises OSError."""
        path = self._folder / blob.name
        make_folder(self._folder)
        if path.is_file() and path.stat().st_size == len(blob.data):
            os.utime(path)  # it is named anew, so nobody tidies it up
        else:
            self._write(path, blob.data)
        sync_folder(self._folder)

    def load(self, name: str) -> str:
        """The text that was kept under this name. Raises StoreError where it is gone or was changed."""
        path = self._folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read: {error.strerror}.", "It belongs to the journal; restore it."
            ) from error
        if hashlib.sha256(data).hexdigest() != name:
            raise StoreError(f"{path} is damaged: its content is not what was written.", "Restore it from a backup.")
        return data.decode()

    def older(self, before: float) -> frozenset[str]:
        """The names of what nobody has kept since then (seconds since the epoch), unfinished files too."""
        return frozenset(entry.name for entry in os.scandir(self._folder) if entry.stat().st_mtime < before)

    def drop(self, names: Iterable[str], before: float) -> int:
        """Remove those that are still older, and count them. Only under the journal's lock: nobody may keep one now."""
        gone = 0
        for path in (self._folder / name for name in names):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue
        return gone

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        descriptor = open_private(part, os.O_WRONLY)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
