"""The one task that owns the write connection, and the only door to it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

from workflows.journal.port import StoreError
from workflows.journal.refusals import closed
from workflows.journal.sqlite.blobs import Blobs
from workflows.journal.sqlite.changes import Change
from workflows.journal.sqlite.committer import Committer, Outcome, Submission
from workflows.journal.sqlite.lock import FileLock
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import (
    PATIENCE,
    address,
    adopt,
    in_thread,
    inspect,
    options,
    prepare_files,
    prepare_write,
)

CLOSING = 5.0
"""Seconds that closing waits for other processes before it gives up what is not written."""

T = TypeVar("T")


class Writer:
    """Changes go in, and are committed in groups, in the order of their coming. Nobody can cancel a commit."""

    def __init__(self, connection: aiosqlite.Connection, committer: Committer, waiting: deque[Submission]) -> None:
        self._connection = connection
        self._committer = committer
        self._waiting = waiting
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="journal writer")

    @classmethod
    async def open(cls, path: Path, patience: float = PATIENCE) -> Writer:
        """Open the database, making or migrating it where needed. Raises StoreError, and leaves no thread then."""
        waiting: deque[Submission] = deque()
        report = partial(_report, asyncio.get_running_loop())

        def connect(deadline: Callable[[], float]) -> Committer:
            prepare_files(path)
            inspect(path, patience)
            lock = FileLock(path.with_name("journal.lock"))
            # Before opening: of a file that takes its place at this moment, nothing is written.
            opened = path.stat()
            committer = Committer(address(path), **options(patience))
            committer.serve(path, opened, lock, Blobs(path.parent / "blobs"), waiting, report)
            try:
                prepare_write(committer, lock, deadline)
            except BaseException:
                committer.deadline = time.monotonic()
                committer.close()
                raise
            return committer

        with translated(path):
            committer = await in_thread(connect, patience)
            return cls(await adopt(committer), committer, waiting)

    async def submit(self, change: Change[T]) -> T:
        """Write the change; durable on return. It is written even if the caller is cancelled. Raises StoreError."""
        if self._closing:
            raise closed()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(Submission(change, future))
        self._wake.set()
        return await future

    async def close(self) -> None:
        """Write what was submitted, and close. Takes no longer than CLOSING and the disk's own time."""
        self._closing = True
        self._committer.deadline = time.monotonic() + CLOSING
        self._wake.set()
        await asyncio.shield(self._task)

    async def _run(self) -> None:
        try:
            while not self._closing:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._connection.commit()
        except asyncio.CancelledError:
            # The event loop ends and nobody closed the store. Ending in good order all the same keeps what was
            # submitted, and the connection's thread from keeping the program alive.
            self._closing = True
            self._committer.deadline = time.monotonic() + CLOSING
        finally:
            try:
                while self._waiting:
                    await self._connection.commit()
            finally:
                self._closing = True
                _settle([Outcome(each, error=closed()) for each in self._waiting])
                await self._connection.close()


class Refusing:
    """In the place of a Writer where nothing can be written."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    async def submit(self, change: Change[T]) -> T:
        """Raises the StoreError."""
        raise self._error

    async def close(self) -> None:
        """Nothing is open."""


def _report(loop: asyncio.AbstractEventLoop, outcomes: Sequence[Outcome]) -> None:
    try:
        loop.call_soon_threadsafe(_settle, outcomes)
    except RuntimeError:
        # The loop is gone, and with it everybody who waited.
        pass


def _settle(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.submission.future
        if future.done():  # whoever waited was cancelled
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.result)
