"""The read-only connection. One statement is one consistent look; nobody who reads makes a writer wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from workflows.journal.port import StoreError
from workflows.journal.refusals import closed, outdated, unreadable
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import PATIENCE, address, inspect, open_in, options, prepare_read
from workflows.journal.sqlite.schema import STEPS
from workflows.journal.sqlite.worker import Worker

_CANNOT_WRITE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)


def any_item(step: str) -> str:
    """`each[]>write` of `each[3]>write`. What it takes is loaded when it is first asked for."""
    from workflows.journal import breakdown

    return breakdown.any_item(step)


class Reader:
    """Answers queries, one at a time."""

    def __init__(self, worker: Worker, connection: sqlite3.Connection, path: Path) -> None:
        self._worker = worker
        self._connection: sqlite3.Connection | None = connection
        self._path = path

    @classmethod
    async def open(cls, path: Path, patience: float = PATIENCE) -> Reader:
        """Open a database that a Writer has made ready. Raises StoreError."""
        return await cls._open(path, patience, "rw")

    @classmethod
    async def open_alone(cls, path: Path, patience: float = PATIENCE) -> Reader:
        """Open a database that no Writer of this process has made ready, where nothing can be written.

        SQLite reads a database with a write-ahead log only where that log and its index are there, or can be made.
        Without a log all is in the database itself, and it is read as a file that does not change. Raises StoreError.
        """
        try:
            return await cls._open_whole(path, patience, "ro")
        except StoreError as error:
            if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF not in _CANNOT_WRITE:
                raise
            with translated(path):
                log = path.with_name(f"{path.name}-wal")
                if log.exists() and log.stat().st_size:
                    raise unreadable(path) from error
        return await cls._open_whole(path, patience, "ro&immutable=1")

    @classmethod
    async def _open_whole(cls, path: Path, patience: float, mode: str) -> Reader:
        if inspect(path, patience, mode) < len(STEPS):
            raise outdated(path)
        return await cls._open(path, patience, mode)

    @classmethod
    async def _open(cls, path: Path, patience: float, mode: str) -> Reader:
        def connect(_: Callable[[], float]) -> sqlite3.Connection:
            connection = sqlite3.Connection(address(path, mode), **options(patience))
            try:
                prepare_read(connection)
                connection.create_function("casefold", 1, str.casefold, deterministic=True)
                connection.create_function("any_item", 1, any_item, deterministic=True)
            except BaseException:
                connection.close()
                raise
            return connection

        worker = Worker("journal reader")
        with translated(path):
            return cls(worker, await open_in(worker, connect, patience), path)

    async def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of the query. Raises StoreError."""
        connection = self._connection
        if connection is None:
            raise closed()
        with translated(self._path):
            return await self._worker.do(lambda: connection.execute(query, parameters).fetchall())

    async def close(self) -> None:
        """Let the database go. Doing it twice does no harm."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await self._worker.do(connection.close)
            finally:
                await self._worker.end()
