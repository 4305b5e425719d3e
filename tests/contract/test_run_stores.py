"""Every store keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.contract.run_store import RunStoreContract, Store, World
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


class Reopened:
    """A store that reads through another one, opened just for that, as a program does that is started anew."""

    def __init__(self, store: SqliteStore, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def __getattr__(self, name: str) -> Any:
        if name not in (
            "read",
            "runs",
            "inbox",
            "answers",
            "resolve",
            "drafts",
            "recall",
            "recoveries",
            "requests",
            "figures",
        ):
            return getattr(self._store, name)

        async def call(*arguments: Any, **options: Any) -> Any:
            await self._store.inbox()  # a closed store stays closed
            fresh = await SqliteStore.open(self._folder)
            try:
                return await getattr(fresh, name)(*arguments, **options)
            finally:
                await fresh.close()

        return call


class ReopenedDatabases(Databases):
    async def process(self) -> Store:
        await super().process()
        return cast(Store, Reopened(self.opened[-1], self.folder))


class TestMemory(RunStoreContract):
    @pytest.fixture
    def world(self) -> World:
        return Memories()


class TestSqlite(RunStoreContract):
    @pytest.fixture
    async def world(self, tmp_path: Path) -> AsyncIterator[World]:
        databases = Databases(tmp_path / "journal")
        yield databases
        await databases.close()


class TestSqliteReopened(RunStoreContract):
    @pytest.fixture
    async def world(self, tmp_path: Path) -> AsyncIterator[World]:
        databases = ReopenedDatabases(tmp_path / "journal")
        yield databases
        await databases.close()
