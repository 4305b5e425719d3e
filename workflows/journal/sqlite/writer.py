"""The only door to the write connection, which one thread owns."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from workflows.journal.port import StoreError
from workflows.journal.refusals import closed
from workflows.journal.sqlite.blobs import Blobs
from workflows.journal.sqlite.change import Change
from workflows.journal.sqlite.committer import Committer, Outcome, Submission
from workflows.journal.sqlite.lock import FileLock
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import (
    PATIENCE,
    address,
    inspect,
    open_in,
    options,
    prepare_files,
    prepare_write,
)
from workflows.journal.sqlite.worker import Worker

CLOSING = 5.0
"""Seconds that closing waits for other processes before it gives up what is not written."""

T = TypeVar("T")


class Writer:
    """Changes go in, and are committed in groups, in the order of their coming. Nobody can cancel a commit."""

    def __init__(self, worker: Worker, committer: Committer, waiting: deque[Submission]) -> None:
        self._worker = worker
        self._committer = committer
        self._waiting = waiting
        self._loop = asyncio.get_running_loop()
        self._asked = False
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path, patience: float = PATIENCE) -> Writer:
        """Open the database, making or migrating it where needed. Raises StoreError, and leaves no thread then."""
        waiting: deque[Submission] = deque()
        worker = Worker("journal writer")

        def report(outcomes: Sequence[Outcome]) -> None:
            worker.tell(_settle, outcomes)

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
            return cls(worker, await open_in(worker, connect, patience), waiting)

    def submit(self, change: Change[T]) -> asyncio.Future[T]:
        """Write the change; durable when that is done. It is written even if who waits is cancelled. Raises StoreError.

        Not a coroutine: it is given away at once, and nothing is made for waiting but the future.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closing is not None:
            future.set_exception(closed())
            return future
        self._waiting.append(Submission(change, future))
        if not self._asked:
            self._asked = True
            self._loop.call_soon(self._commit)
        return future

    async def close(self) -> None:
        """Write what was submitted, and close. Takes no longer than CLOSING and the disk's own time."""
        if self._closing is None:
            self._committer.deadline = time.monotonic() + CLOSING
            self._closing = asyncio.create_task(self._end())
        await asyncio.shield(self._closing)

    def _commit(self) -> None:
        self._asked = False
        self._worker.begin(self._committer.commit)

    async def _end(self) -> None:
        try:
            await self._worker.do(self._committer.close)
        finally:
            await self._worker.end()


class Refusing:
    """In the place of a Writer where nothing can be written."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    def submit(self, change: Change[T]) -> asyncio.Future[T]:
        """Raises the StoreError."""
        raise self._error

    async def close(self) -> None:
        """Nothing is open."""


def _settle(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.submission.future
        if future.done():  # whoever waited was cancelled
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.result)
