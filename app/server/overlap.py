"""What a schedule's starts do while the run before them is not over."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.journal.port import Query, RunStore
from workflows.unattended.port import Standing
from workflows.unattended.values import Start

NOT_OVER = ("pending", "running", "waiting", "paused", "interrupted")

RECENT = 100
"""Starts of one schedule that are looked at: those before them are over, or there are far too many."""


async def under_way(standing: Standing, store: RunStore, cause: str) -> list[Start]:
    """The starts of a cause whose runs are not over, or still to begin, newest first."""
    recent = await standing.starts(("queued", "started"), limit=RECENT, cause=cause)
    begun = tuple(start.run_id for start in recent if start.status == "started")
    going = await store.runs(Query(ids=begun, status=NOT_OVER, limit=RECENT)) if begun else []
    ids = {summary.run_id for summary in going}
    return [start for start in recent if start.status == "queued" or start.run_id in ids]


async def held(standing: Standing, store: RunStore, queued: Sequence[Start]) -> frozenset[str]:
    """The keys of those queued starts that have to wait for an earlier one of their schedule.

    `queued` are in the order in which they would begin. A schedule that was removed holds nothing back.
    """
    causes = {start.cause for start in queued if start.cause.startswith("schedule:")}
    if not causes:
        return frozenset()
    one_by_one = {f"schedule:{each.id}" for each in await standing.schedules() if each.overlap != "allow"}
    waiting: set[str] = set()
    for cause in sorted(causes & one_by_one):
        ours = [start.key for start in queued if start.cause == cause]
        going = await under_way(standing, store, cause)
        first = 0 if any(start.status == "started" for start in going) else 1
        waiting.update(ours[first:])
    return frozenset(waiting)
