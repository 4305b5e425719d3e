"""A backup in the place of the journal, with nothing in it that would go on by itself.

What a backup says of an unfinished run is what was known then: it may have gone on since, and ended. To take it up
again could do twice what was done. So a backup is first put up beside, its unfinished runs are paused and its queued
starts are left out, and only then it takes the journal's place.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from pathlib import Path

from workflows.bus import Bus
from workflows.clock import SystemClock
from workflows.engine.engine import Engine
from workflows.journal.port import Query
from workflows.journal.sqlite.store import SqliteStore
from workflows.journal.sqlite.upkeep import back_up, must_be_alone, restore, schema_of
from workflows.records import dataclass

_log = logging.getLogger(__name__)

WHY = "It was restored from a backup, and may have gone on since that was made"
UNFINISHED = ("pending", "running", "waiting", "interrupted")
_MOST = 1_000_000


@dataclass(frozen=True)
class Held:
    """What restoring came to: where the journal is now that was there before, the schema of the backup, the runs that
    were paused, and how many starts were left out."""

    kept: Path | None
    schema: int
    paused: tuple[str, ...]
    left_out: int


async def restore_backup(journal: Path, source: Path, keep_in: Path) -> Held:
    """Put a backup in the place of the journal in a folder, whole or not at all. Raises as `upkeep.restore`."""
    schema = await asyncio.to_thread(schema_of, source)
    await asyncio.to_thread(must_be_alone, journal)
    beside = keep_in / f".restoring-{secrets.token_hex(4)}"
    try:
        await asyncio.to_thread(_sweep, keep_in)
        await asyncio.to_thread(restore, beside, source, beside / "kept")
        paused, left_out = await _hold(beside)
        await asyncio.to_thread(back_up, beside, beside / "held.db")
        done = await asyncio.to_thread(restore, journal, beside / "held.db", keep_in)
    finally:
        await asyncio.to_thread(shutil.rmtree, beside, ignore_errors=True)
    return Held(done.kept, schema, paused, left_out)


def _sweep(folder: Path) -> None:
    """Remove what was put up by one that was killed."""
    for left in folder.glob(".restoring-*"):
        shutil.rmtree(left, ignore_errors=True)


async def _hold(folder: Path) -> tuple[tuple[str, ...], int]:
    store = await SqliteStore.open(folder)  # brings an older one up to date
    try:
        engine = Engine(store, {}, Bus(), SystemClock())
        runs = [run.run_id for run in await store.runs(Query(status=UNFINISHED, limit=_MOST))]
        for run_id in runs:
            try:
                await engine.pause(run_id, WHY)
            except Exception as error:  # of one that cannot be read nothing can go on: the rest is wanted all the more
                _log.warning("run %s cannot be paused: %s", run_id, error)
        starts = await store.standing.starts(("queued",), limit=_MOST)
        for start in starts:
            await store.standing.settle(start.key, "skipped", WHY)
        await engine.close()
    finally:
        await store.close()
    return tuple(runs), len(starts)
