"""Every Standing keeps the contract, and the database lets nobody change what was published."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.standing import VERSION, StandingContract, Store, World, start
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.sqlite import SqliteStore


class Memories:
    """Processes around one shelf."""

    def __init__(self) -> None:
        self.shelf = Shelf()

    async def process(self) -> Store:
        return MemoryStore(self.shelf)


class Databases:
    """Processes around one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[SqliteStore] = []

    async def process(self) -> Store:
        self.opened.append(await SqliteStore.open(self.folder))
        return self.opened[-1]

    async def close(self) -> None:
        for store in self.opened:
            await store.close()


class TestMemory(StandingContract):
    @pytest.fixture
    def world(self) -> World:
        return Memories()


class TestSqlite(StandingContract):
    @pytest.fixture
    async def world(self, tmp_path: Path) -> AsyncIterator[World]:
        databases = Databases(tmp_path / "journal")
        yield databases
        await databases.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET text = 'other'",
        "UPDATE versions SET children = '[]'",
        "UPDATE versions SET note = 'other'",
        "UPDATE versions SET number = 7",
        "DELETE FROM versions",
        "UPDATE starts SET run_id = 'ffff0000'",
        "UPDATE starts SET status = 'queued'",
    ],
)
async def test_the_database_refuses_to_change_what_stands(tmp_path: Path, statement: str) -> None:
    store = await SqliteStore.open(tmp_path)
    await store.standing.publish(VERSION)
    await store.standing.ask(start(status="started"))
    await store.close()
    connection = sqlite3.connect(tmp_path / "journal.db")
    with closing(connection), pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(statement)
    store = await SqliteStore.open(tmp_path)
    assert await store.standing.versions() == [replace(VERSION, number=1)]
    await store.close()
