"""Live text and logs of attempts, in files beside the journal that any process can follow.

They may be lost: what counts in the end is journalled as an event; a spool only shows what is on its way.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, unquote

from workflows.journal.files import make_folder, open_private
from workflows.journal.tail import Tail

LIMIT = 50_000_000
"""Bytes that one attempt's file may have."""

FULL = "\n[the rest is not kept: this file has reached its limit]\n"

FLUSH_BYTES = 16 * 1024
FLUSH_SECONDS = 0.1

_Key: TypeAlias = tuple[str, str, int, bool]


class Spool:
    """One file for each attempt's text, one for its log. `trouble` says why text was lost, where it was.

    Writing is cheap and never fails: text is gathered, and goes to its file after FLUSH_SECONDS or FLUSH_BYTES.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.trouble = ""
        self._folder = folder
        self._limit = limit
        self._gathered: dict[_Key, list[str]] = {}
        self._size = 0
        self._full: set[_Key] = set()
        self._timer: asyncio.TimerHandle | None = None

    def write(self, run_id: str, address: str, attempt: int, text: str, *, log: bool = False) -> None:
        """Add to an attempt's text or log. Outside an event loop it goes to the file at once."""
        key = (run_id, address, attempt, log)
        if key in self._full or not text:
            return
        self._gathered.setdefault(key, []).append(text)
        self._size += len(text)
        if self._size >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
            except RuntimeError:
                self.flush()

    def flush(self) -> None:
        """Bring what was gathered to its files."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gathered, self._gathered, self._size = self._gathered, {}, 0
        for key, texts in gathered.items():
            try:
                self._append(key, "".join(texts).encode(errors="replace"))
            except OSError as error:
                self.trouble = f"Live text is not kept: {error.strerror} ({error.filename or self._folder})"

    def close(self) -> None:
        """Flush for the last time."""
        self.flush()

    def follow(self, run_id: str, address: str, attempt: int, limit: int = 64 * 1024, *, log: bool = False) -> Tail:
        """An attempt's text or log, of any process: the last `limit` bytes of what there is, then what comes."""
        return Tail(self._path((run_id, address, attempt, log)), limit)

    def read_tail(self, run_id: str, address: str, attempt: int, limit: int = 64 * 1024, *, log: bool = False) -> str:
        """The last of an attempt's text or log, at most `limit` bytes; empty where there is none to be read."""
        return self.follow(run_id, address, attempt, limit, log=log).read()

    def forget(self, run_id: str) -> None:
        """Remove what is kept of a run. Raises OSError."""
        from shutil import rmtree  # it brings all compressions along

        self.flush()
        rmtree(self._folder / _name(run_id), ignore_errors=False, onerror=_unless_gone)

    def size(self, run_id: str) -> int:
        """The bytes of what is kept of a run. Blocks."""
        try:
            return sum(file.stat().st_size for file in os.scandir(self._folder / _name(run_id)))
        except OSError:
            return 0  # there is none, or it is going just now

    def untouched_since(self, before: float) -> tuple[str, ...]:
        """The runs nothing was written for since then (seconds since the epoch). Blocks. Raises OSError."""
        try:
            folders = [entry for entry in os.scandir(self._folder) if entry.is_dir()]
        except FileNotFoundError:
            return ()
        return tuple(
            unquote(folder.name)
            for folder in folders
            if max((file.stat().st_mtime for file in os.scandir(folder)), default=0.0) < before
        )

    def _append(self, key: _Key, data: bytes) -> None:
        path = self._path(key)
        make_folder(path.parent)
        descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
        try:
            room = self._limit - os.fstat(descriptor).st_size
            if len(data) > room:
                self._full.add(key)
                # Without room for even the note, the note is there already.
                data = b"" if room < 0 else data[:room].decode(errors="ignore").encode() + FULL.encode()
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)

    def _path(self, key: _Key) -> Path:
        run_id, address, attempt, log = key
        return self._folder / _name(run_id) / f"{_name(address)}#{attempt}.{'log' if log else 'text'}"


def _unless_gone(_do: object, _path: str, error: tuple[type[BaseException], BaseException, object]) -> None:
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]


def _name(text: str) -> str:
    """A file name that only this text has."""
    name = quote(text, safe="[]>", errors="replace").replace(".", "%2E")
    if len(name) > 150:
        name = f"{name[:100]}~{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}"
    return name
