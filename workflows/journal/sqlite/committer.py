"""The write connection: takes whatever waits and commits it together."""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from workflows.journal.port import StoreError
from workflows.journal.refusals import gone
from workflows.journal.sqlite.blobs import Blobs
from workflows.journal.sqlite.change import Change, Inboxes
from workflows.journal.sqlite.changes import apply_all
from workflows.journal.sqlite.lock import FileLock
from workflows.journal.sqlite.log import Log
from workflows.journal.sqlite.mishaps import translate
from workflows.records import dataclass

CHECKPOINT_AFTER = 4_000_000
"""About how many bytes of WAL this process adds between two checkpoints."""

PAGES_PER_COMMIT = 3
"""About how many pages of 4 KiB a commit writes beside its events."""


@dataclass(frozen=True)
class Submission:
    """A change, and who waits for it."""

    change: Change[Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a submission."""

    submission: Submission
    result: Any = None
    error: StoreError | None = None


Report: TypeAlias = Callable[[Sequence[Outcome]], None]


class Committer(sqlite3.Connection):
    """Its `commit` writes all submissions that wait, and its `close` closes under the file lock.

    All methods run in the writer's thread. `deadline`, in time.monotonic's seconds, ends waiting for other processes;
    until the program wants to close it is never.
    """

    path: Path
    lock: FileLock
    blobs: Blobs
    waiting: deque[Submission]
    report: Report
    deadline: float = math.inf

    def serve(
        self,
        path: Path,
        opened: os.stat_result,
        lock: FileLock,
        blobs: Blobs,
        waiting: deque[Submission],
        report: Report,
    ) -> None:
        """Begin to serve these submissions. `opened` is of the file that this connection has open."""
        self._place, self._opened = str(path), opened
        self.path, self.lock, self.blobs, self.waiting, self.report = path, lock, blobs, waiting, report
        self._inboxes: Inboxes = {}
        self._since_checkpoint = 0
        self._log = Log(path.with_name(f"{path.name}-wal"))

    def commit(self) -> None:
        """Write what waits, as one transaction; where that fails, each change as its own. Reports, never raises."""
        if not self.waiting:
            return
        outcomes: list[Outcome] = []
        try:
            with self.lock.held(lambda: self.deadline):
                self._check_place()
                outcomes += self._write([self.waiting.popleft() for _ in range(len(self.waiting))])
                if self._since_checkpoint > CHECKPOINT_AFTER:
                    self._checkpoint()
        except (StoreError, OSError) as error:  # the place or the lock, so nothing was taken from what waits
            refused = gone(self.path) if isinstance(error, FileNotFoundError) else translate(error, self.path)
            outcomes += [Outcome(self.waiting.popleft(), error=refused) for _ in range(len(self.waiting))]
        # Last of all: the event loop has work then, and Python lets one thread work at a time.
        self.report(outcomes)

    def close(self) -> None:
        """Checkpoint and close."""
        try:
            with self.lock.held(lambda: self.deadline):
                self._checkpoint()
                super().close()
        except (StoreError, OSError):
            # Whoever holds the lock has the database open, so that closing here does not checkpoint.
            super().close()
        finally:
            self.lock.close()

    def _write(self, batch: Sequence[Submission]) -> Sequence[Outcome]:
        try:
            results = self._transact([each.change for each in batch])
        except Exception as error:  # whatever it is, those who wait must hear of it
            if len(batch) > 1:
                return [outcome for each in batch for outcome in self._write([each])]
            return [Outcome(each, error=translate(error, self.path)) for each in batch]
        return [Outcome(each, result) for each, result in zip(batch, results, strict=True)]

    def _check_place(self) -> None:
        """See that what is written can be found again: SQLite goes on with a file that has no name any more.

        Only a look at the name: opening the file, and closing it again, would drop SQLite's locks on it.
        """
        try:
            there = os.stat(self._place)
        except (FileNotFoundError, NotADirectoryError):
            raise gone(self.path) from None
        if not os.path.samestat(there, self._opened):
            raise gone(self.path)

    def _transact(self, changes: Sequence[Change[Any]]) -> list[Any]:
        for change in changes:
            for blob in change.blobs:
                self.blobs.save(blob)
        self._begin()
        try:
            self._log.make_room()
            results = apply_all(self, changes, self._inboxes)
            self.execute("COMMIT")
        except BaseException:
            self._inboxes.clear()  # they may say what was rolled back
            if self.in_transaction:  # SQLite has rolled back by itself where the disk was full
                self.execute("ROLLBACK")
            raise
        self._since_checkpoint += PAGES_PER_COMMIT * 4096 + sum(change.size for change in changes)
        return results

    def _begin(self) -> None:
        # A program other than ours may write too, and long. That is waited for, like the lock.
        while True:
            try:
                self.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= self.deadline:
                    raise

    def _checkpoint(self) -> None:
        self._since_checkpoint = 0
        try:
            self.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            # The WAL holds everything, and the next checkpoint tries again.
            pass
