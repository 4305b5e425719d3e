"""Opening the database: what is not a journal of ours is refused before anything is written."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from workflows.journal.files import make_folder, open_private, sync_folder
from workflows.journal.port import StoreError
from workflows.journal.sqlite.lock import FileLock
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.schema import APPLICATION, OLDEST_SQLITE, STEPS, migrate, version_of
from workflows.journal.sqlite.worker import Worker

PATIENCE = 10.0
"""Seconds to wait for other processes while opening."""

ASK_AGAIN = 1000
"""Milliseconds that SQLite waits for another program's lock before the writer looks whether it should close."""

_SAFE = ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0")
_WRITE = (
    *_SAFE,
    "synchronous=FULL",  # what is acknowledged survives a power cut
    "foreign_keys=ON",
    "secure_delete=ON",
    "wal_autocheckpoint=0",  # checkpoints are made under the file lock
    "journal_size_limit=67108864",
)


C = TypeVar("C", bound=sqlite3.Connection)


def options(patience: float) -> dict[str, Any]:
    """How every connection is opened; it then waits so many seconds for other programs' locks."""
    return {"uri": True, "isolation_level": None, "check_same_thread": False, "timeout": patience}


def address(path: Path, mode: str = "rw") -> str:
    """The database as a URI that never creates a file."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def prepare_files(path: Path) -> None:
    """Make the folder and an empty database file, private, where there is none. Raises StoreError."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        need = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"This Python brings SQLite {sqlite3.sqlite_version}; the journal needs {need} or newer.",
            "Run Understudy with a newer Python.",
        )
    with translated(path):
        if path.parent.exists() and not path.parent.is_dir():
            raise StoreError(f"{path.parent} is a file where the journal's folder belongs.", "Move it away.")
        make_folder(path.parent)
        if path.is_dir():
            raise StoreError(f"{path} is a folder where the journal belongs.", "Move it away.")
        if not path.exists():
            os.close(open_private(path))
            sync_folder(path.parent)
            sync_folder(path.parent.parent)
        for each in (path, path.parent):
            if not os.access(each, os.W_OK):
                raise PermissionError(errno.EACCES, "not writable", str(each))


def inspect(path: Path, patience: float = PATIENCE, mode: str = "ro") -> int:
    """The schema number of the journal, 0 for an empty file. Writes nothing. Raises StoreError for any other file."""
    with translated(path):
        connection = sqlite3.connect(address(path, mode), **options(patience))
        try:
            # One look: another process may be making the tables at this very moment.
            connection.execute("BEGIN")
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = version_of(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            try:
                if _was_empty(path):
                    return 0
            except FileNotFoundError:
                return inspect(path, patience, mode)  # another process took it back just now
            # Not ours: a journal of ours has had a write-ahead log ever since it had a page.
            raise _anothers(path) from error
        finally:
            connection.close()
    if application != APPLICATION and (application or version or tables):
        raise _anothers(path)
    if version > len(STEPS):
        raise StoreError(
            f"{path} was written by a newer release (schema {version}; this one knows {len(STEPS)}).",
            "It was left as it is. Update Understudy, or set UNDERSTUDY_HOME to another folder.",
        )
    return version


def _anothers(path: Path) -> StoreError:
    return StoreError(
        f"{path} is a database of another program.",
        "It was left as it is. Move it away; a new journal is then begun.",
    )


def _was_empty(path: Path) -> bool:
    """Whether a process was killed while it made the very first tables: whoever may write next takes that back.

    Bytes 16 to 19 of a rollback journal are how many pages the database had (sqlite.org/fileformat.html, 3).
    """
    with path.with_name(f"{path.name}-journal").open("rb") as file:
        return file.read(20)[16:] == bytes(4)


def prepare_write(connection: sqlite3.Connection, lock: FileLock, deadline: Callable[[], float]) -> None:
    """Set the connection up for writing, and bring the tables up to date. Raises StoreError, OSError, sqlite3.Error."""
    _set(connection, _WRITE)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal" or version_of(connection) < len(STEPS):
        with lock.held(deadline):
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            migrate(connection)
    connection.execute(f"PRAGMA busy_timeout={ASK_AGAIN}")


def prepare_read(connection: sqlite3.Connection) -> None:
    """Set the connection up for reading only. Raises sqlite3.Error."""
    _set(connection, (*_SAFE, "query_only=ON"))


def _set(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").fetchall()


async def open_in(worker: Worker, open_it: Callable[[Callable[[], float]], C], patience: float) -> C:
    """What the function opens in the worker's thread, given the time.monotonic until which it may wait for others.

    Raises what the function raises; the worker has ended then. Cancelled, it closes what it opens, and ends.
    """
    limit = time.monotonic() + patience
    opened: list[C] = []
    try:
        await worker.do(lambda: opened.append(open_it(lambda: limit)))
    except asyncio.CancelledError:
        limit = 0.0
        worker.begin(lambda: [each.close() for each in opened])
        worker.dismiss()
        raise
    except BaseException:
        await worker.end()
        raise
    return opened[0]
