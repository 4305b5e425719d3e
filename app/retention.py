"""What is kept and what may go: the rules of the settings, and the runs that they no longer keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.definition.schedules import length
from workflows.journal.port import Query, RunOwned, RunStore, RunUnknown
from workflows.journal.spool import Spool
from workflows.runs.state import ENDED

if TYPE_CHECKING:
    from app.settings import History

OVER = tuple(sorted(ENDED & {"succeeded", "failed", "cancelled"}))
"""The statuses of runs that nothing more happens in. No others are ever removed."""

PAGE = 500


def ages(rules: History) -> Mapping[str, float | None]:
    """How long runs are kept, in seconds after their end, by status; None for ever."""
    return {"succeeded": rules.keep_succeeded, "failed": rules.keep_failed, "cancelled": rules.keep_cancelled}


async def no_longer_kept(store: RunStore, rules: History, now: float) -> list[str]:
    """The ids of runs that are over, and that the rules do not keep at this time (seconds since the epoch)."""
    found: dict[str, None] = {}
    for status, age in ages(rules).items():
        if age is not None:
            # It began before it ended, so none is left out by asking for its beginning.
            old = Query(status=(status,), until=now - age)
            async for run_id, ended in _all(store, old):
                if ended < now - age:
                    found[run_id] = None
    if rules.keep_runs is not None:
        async for run_id, _ in _all(store, Query(status=OVER, offset=rules.keep_runs)):
            found[run_id] = None
    return list(found)


async def _all(store: RunStore, query: Query) -> AsyncIterator[tuple[str, float]]:
    """Each run of a query, however many there are, and when it ended."""
    while True:
        page = await store.runs(replace(query, limit=PAGE))
        for run in page:
            yield run.run_id, run.finished or run.updated
        if len(page) < PAGE:
            return
        query = replace(query, offset=query.offset + PAGE)


async def forget(store: RunStore, spool: Spool, run_ids: list[str]) -> int:
    """Forget these runs with all that was kept of them, but for any that has begun again. Returns how many."""
    gone = 0
    for run_id in run_ids:
        try:
            await store.delete(run_id)
        except (RunOwned, RunUnknown):
            continue
        await asyncio.to_thread(spool.forget, run_id)
        gone += 1
    return gone


def rule_lines(rules: History) -> Iterator[tuple[str, str]]:
    """What is kept, and for how long."""
    for status, age in ages(rules).items():
        yield f"runs that {_WORDS[status]}", _long(age)
    yield "of all that are over", "all" if rules.keep_runs is None else f"the newest {rules.keep_runs}"
    yield "live text of runs that are over", f"{rules.keep_days}d"
    yield "starts, alerts that are over", f"{rules.keep_starts_days}d"
    yield "drafts that were not saved", _long(rules.keep_drafts)
    yield "what waits or is unfinished; published versions", "always"


_WORDS = {"succeeded": "succeeded", "failed": "failed", "cancelled": "were cancelled"}


def _long(age: float | None) -> str:
    return "for ever" if age is None else length(age)
