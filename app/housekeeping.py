"""What is left behind is removed: the live text of old runs, and contents that no event names any more."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.kept_code import forget_old
from workflows.errors import UnderstudyError
from workflows.journal.files import make_folder, open_private
from workflows.journal.port import Query
from workflows.journal.spool import Spool
from workflows.journal.sqlite.store import SqliteStore
from workflows.records import dataclass
from workflows.runs.state import ENDED

if TYPE_CHECKING:
    from app.settings import History

_log = logging.getLogger(__name__)

DAY = 86_400.0

AFTER = 2.0
"""Seconds after the start, so that a short command has nothing to do with it."""


LOOK_EVERY = 3600.0
"""Seconds between two looks whether a day has passed, in a process that is there for long."""

AT_ONCE = 500
"""Runs whose texts are looked at in one day."""


@dataclass(frozen=True)
class Tidied:
    """How many of each were removed; `starts` are those, alerts and memos together."""

    runs: int
    texts: int
    contents: int
    drafts: int
    starts: int


async def keep_house(data: Path, spool: Spool, store: SqliteStore, rules: History) -> None:
    """Tidy up once a day, whichever process is there. `data` holds the mark of when that was last."""
    await asyncio.sleep(AFTER)
    mark = data / "tidied"
    while True:
        try:
            if not mark.exists() or time.time() - mark.stat().st_mtime >= DAY:
                await tidy_by(rules, spool, store)
                await asyncio.to_thread(forget_old, data / "code", time.time())
                make_folder(data)
                mark.unlink(missing_ok=True)
                os.close(open_private(mark))
        except (OSError, UnderstudyError) as error:
            _log.warning("tidying up failed: %s", error)
        await asyncio.sleep(LOOK_EVERY)


async def tidy_by(rules: History, spool: Spool, store: SqliteStore) -> Tidied:
    """Remove all that the rules do not keep any more. Raises OSError, StoreError."""
    from app.retention import forget, no_longer_kept  # no short command comes so far

    now = time.time()
    runs = len(await forget(store, spool, await no_longer_kept(store, store.standing, rules, now)))
    drafts = 0 if rules.keep_drafts is None else await store.drop_drafts(now - rules.keep_drafts)
    starts = await store.standing.forget(now - rules.keep_starts_days * DAY)
    texts, contents = await tidy(spool, store, now - rules.keep_days * DAY)
    return Tidied(runs, texts, contents, drafts, starts)


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
