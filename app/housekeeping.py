"""What is left behind is removed: the live text of old runs, and contents that no event names any more."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from app.kept_code import forget_old
from workflows.errors import UnderstudyError
from workflows.journal.files import make_folder, open_private
from workflows.journal.port import Query
from workflows.journal.spool import Spool
from workflows.journal.sqlite.store import SqliteStore
from workflows.runs.state import ENDED

_log = logging.getLogger(__name__)

DAY = 86_400.0

AFTER = 2.0
"""Seconds after the start, so that a short command has nothing to do with it."""


AT_ONCE = 500
"""Runs whose texts are looked at in one day."""


async def keep_house(data: Path, spool: Spool, store: SqliteStore, keep_days: int) -> None:
    """Tidy up once a day, whichever process is there. `data` holds the mark of when that was last."""
    await asyncio.sleep(AFTER)
    mark = data / "tidied"
    try:
        if mark.exists() and time.time() - mark.stat().st_mtime < DAY:
            return
        await tidy(spool, store, time.time() - keep_days * DAY)
        await asyncio.to_thread(forget_old, data / "code", time.time())
        make_folder(data)
        mark.unlink(missing_ok=True)
        open_private(mark)
    except (OSError, UnderstudyError) as error:
        _log.warning("tidying up failed: %s", error)


async def tidy(spool: Spool, store: SqliteStore, before: float) -> tuple[int, int]:
    """Remove the live text of runs that are over since then (seconds since the epoch), and contents nobody names.

    Returns how many runs' texts and how many contents were removed. Raises OSError, StoreError.
    """
    old = (await asyncio.to_thread(spool.untouched_since, before))[:AT_ONCE]
    known = await store.runs(Query(ids=old, limit=AT_ONCE)) if old else ()
    kept = {summary.run_id: summary.status for summary in known}
    gone = [run_id for run_id in old if kept.get(run_id, "succeeded") in ENDED]
    for run_id in gone:
        await asyncio.to_thread(spool.forget, run_id)
    return len(gone), await store.tidy(time.time() - DAY)
