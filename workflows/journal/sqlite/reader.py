"""The read-only connection. One statement is one consistent look; nobody who reads makes a writer wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

from workflows.journal.refusals import closed
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import PATIENCE, address, adopt, in_thread, options, prepare_read


class Reader:
    """Answers queries, one at a time."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection: aiosqlite.Connection | None = connection
        self._path = path

    @classmethod
    async def open(cls, path: Path, patience: float = PATIENCE) -> Reader:
        """Open a database that a Writer has made ready. Raises StoreError."""

        def connect(_: Callable[[], float]) -> sqlite3.Connection:
            connection = sqlite3.Connection(address(path), **options(patience))
            try:
                prepare_read(connection)
                connection.create_function("casefold", 1, str.casefold, deterministic=True)
            except BaseException:
                connection.close()
                raise
            return connection

        with translated(path):
            connection = await adopt(await in_thread(connect, patience))
        return cls(connection, path)

    async def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of the query. Raises StoreError."""
        if self._connection is None:
            raise closed()
        with translated(self._path):
            return [tuple(row) for row in await self._connection.execute_fetchall(query, parameters)]

    async def close(self) -> None:
        """Let the database go. Doing it twice does no harm."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
