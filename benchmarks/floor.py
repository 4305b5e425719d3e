"""The floor: what the work itself costs. Bare asyncio and SQLite, the same two durable facts a step, no engine.

A step is done when its start is durable; the fact that it ended shares a commit with the start of the next, because
nothing acts on it before. That is the same promise as the engine's. Facts of all runs that wait are committed together.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Fact = tuple[str, int, str, str]
"""Run, step, `started` or `finished`, value as JSON."""


class Journal:
    """Facts in SQLite: WAL, `synchronous=FULL`, one thread that writes, group commit."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[Fact] = []
        self._next: asyncio.Future[None] | None = None
        self._flusher: asyncio.Task[None] | None = None
        self._connection = self._thread.submit(self._open, path).result()

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute(
            "CREATE TABLE IF NOT EXISTS facts (id INTEGER PRIMARY KEY, run TEXT, step INTEGER, what TEXT, value TEXT)"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS by_run ON facts (run, id)")
        return connection

    def post(self, *facts: Fact) -> asyncio.Future[None]:
        """Add facts to the next commit. The future is done when they are durable."""
        loop = asyncio.get_running_loop()
        self._waiting += facts
        if self._next is None:
            self._next = loop.create_future()
        if self._flusher is None:
            self._flusher = loop.create_task(self._flush())
        return self._next

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            facts, future = self._waiting, self._next
            self._waiting, self._next = [], None
            await loop.run_in_executor(self._thread, self._commit, facts)
            assert future is not None
            future.set_result(None)
            await asyncio.sleep(0)  # whoever waited for it posts what follows
        self._flusher = None

    def _commit(self, facts: list[Fact]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO facts (run, step, what, value) VALUES (?, ?, ?, ?)", facts)
        self._connection.execute("COMMIT")

    def fill(self, facts: list[Fact]) -> None:
        self._thread.submit(self._commit, facts).result()

    def finished(self, run: str) -> dict[int, Any]:
        """What each finished step of a run came to."""
        query = "SELECT step, value FROM facts WHERE run = ? AND what = 'finished'"
        rows = self._thread.submit(lambda: self._connection.execute(query, (run,)).fetchall()).result()
        return {step: json.loads(value) for step, value in rows}

    def close(self) -> None:
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()


class Contestant:
    packages: tuple[str, ...] = ()

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._journal = Journal(folder / "floor.db")
        self._trace = trace
        self._loop = asyncio.new_event_loop()

    def chain(self, steps: int) -> Callable[[], Any]:
        return lambda: self._loop.run_until_complete(self._chain(self._name(), steps))

    def fan_out(self, width: int) -> Callable[[], Any]:
        async def run() -> int:
            name = self._name()
            steps = (self._step(name, number, number, wait=False) for number in range(width))
            joined = sum(await asyncio.gather(*steps))
            return await self._step(name, width, joined - 1, wait=True)

        return lambda: self._loop.run_until_complete(run())

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        async def run() -> int:
            return sum(await asyncio.gather(*(self._chain(self._name(), steps) for _ in range(runs))))

        return lambda: self._loop.run_until_complete(run())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        done = self._journal.finished("long") if resume else {}
        return lambda: self._loop.run_until_complete(self._chain("long", steps, done))

    def fill(self, runs: int) -> None:
        for start in range(0, runs, 500):
            names = [f"old{run}" for run in range(start, min(start + 500, runs))]
            facts = [(name, n, what, str(n)) for name in names for n in range(5) for what in ("started", "finished")]
            self._journal.fill(facts)

    def close(self) -> None:
        self._journal.close()
        self._loop.close()

    def _name(self) -> str:
        return secrets.token_hex(4)

    async def _chain(self, name: str, steps: int, done: dict[int, Any] | None = None) -> int:
        value = 0
        for number in range(steps):
            if done and number in done:
                value = done[number]
                continue
            value = await self._step(name, number, value, wait=number == steps - 1)
        return value

    async def _step(self, name: str, number: int, value: int, *, wait: bool) -> int:
        await self._journal.post((name, number, "started", json.dumps(value)))
        value = self._act(number, value)
        ended = self._journal.post((name, number, "finished", json.dumps(value)))
        if wait:
            await ended
        return value

    def _act(self, number: int, value: int) -> int:
        self._trace(number)
        return value + 1
