"""Whose runs are whose: what somebody caused is theirs, and what is not is as if it were not there."""

from __future__ import annotations

from collections.abc import Sequence

from app.server.api.guard import Caller
from app.server.api.problems import Problem
from app.server.backstage import Backstage
from workflows.journal.port import Query, Summary
from workflows.unattended.values import Start


def not_there(run_id: str) -> Problem:
    """There is no such run, or none that is the caller's to see."""
    return Problem(404, "not-found", f"There is no run {run_id[:40]}.", "GET /api/v1/runs lists yours.", where="run")


async def start_of(stage: Backstage, run_id: str) -> Start | None:
    """What asked for a run; None where a person began it at a terminal."""
    found = await stage.standing.starts(run_ids=(run_id,), limit=1)
    return found[0] if found else None


async def own(stage: Backstage, caller: Caller, run_id: str) -> Start | None:
    """What asked for a run, if the run is the caller's to see. Raises Problem where it is not."""
    start = await start_of(stage, run_id)
    if caller.own and (start is None or start.by != caller.name):
        raise not_there(run_id)
    return start


async def starts_of(stage: Backstage, runs: Sequence[Summary]) -> dict[str, Start]:
    """What asked for each of these runs, by the run's id. There are no more than a page of them."""
    ids = [run.run_id for run in runs if run.cause]
    return {start.run_id: start for start in await stage.standing.starts(run_ids=ids, limit=len(ids))} if ids else {}


async def summary_of(stage: Backstage, run_id: str) -> Summary | None:
    """One line about a run; None where the journal has none yet."""
    found = await stage.desk.runs(Query(ids=(run_id,)))
    return found[0] if found else None
