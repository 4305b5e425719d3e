"""Statistics of the journal's runs: asked of the store, which works them out."""

from __future__ import annotations

from datetime import datetime

from app.present.periods import Period, parts_of
from app.present.statistics import Statistics, statistics
from workflows.journal.breakdown import BreakdownStore, By, Group


async def gather(store: BreakdownStore, period: Period, now: float, workflow: str = "") -> Statistics:
    """The statistics of the runs that began in the period, of workflows that have this text. Raises StoreError."""
    since = period.since

    async def of(by: By, *edges: float) -> list[Group]:
        return await store.breakdown(by, since, workflow, edges)

    days = await of("day")
    first = since if since is not None else _midnight(days[0].key[0]) if days else now
    unit, parts = parts_of(first, now)
    ways: tuple[By, ...] = ("all", "step", "model", "version", "workflow")
    found = {by: tuple(await of(by)) for by in ways}
    found |= {"day": tuple(days), "part": tuple(await of("part", *(part.start for part in parts)))}
    return statistics(period, unit, parts, found, await store.errors(since, workflow))


def _midnight(day: str) -> float:
    return datetime.fromisoformat(day).timestamp()
