"""Which runs may go: those that a person chooses, and those that the rules of the settings no longer keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workflows.definition.schedules import length
from workflows.journal.port import Query, RunOwned, RunStore, RunUnknown, Summary
from workflows.journal.spool import Spool
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import ENDED

if TYPE_CHECKING:
    from app.settings import History
    from workflows.unattended.port import Standing

OVER = tuple(sorted(ENDED & {"succeeded", "failed", "cancelled"}))
"""The statuses of runs that nothing more happens in. The rules remove no others."""

LEFT = ("interrupted", "paused")
"""Those of runs that may be chosen besides: nothing happens in them unless somebody goes on with them."""

PAGE = 500


def ages(rules: History) -> Mapping[str, float | None]:
    """How long runs are kept, in seconds after their end, by status; None for ever."""
    return {"succeeded": rules.keep_succeeded, "failed": rules.keep_failed, "cancelled": rules.keep_cancelled}


@dataclass(frozen=True)
class Choice:
    """Which runs are meant: all of these statuses, or those of one workflow.

    `older_than`: over for that many seconds at least, or without a sign for so long. `beyond`: without the newest ones.
    """

    status: tuple[str, ...] = OVER
    older_than: float | None = None
    workflow: str = ""
    beyond: int = 0


@dataclass(frozen=True)
class Chosen:
    """The runs that may go, and those that stay although they are meant, with the reason."""

    going: tuple[Summary, ...]
    staying: tuple[tuple[Summary, str], ...] = ()


async def choose(store: RunStore, standing: Standing, choice: Choice, now: float) -> Chosen:
    """The runs that a choice is about at this time (seconds since the epoch), newest first.

    What somebody has, waits for a person, or is still needed to begin another run, stays.
    """
    # It began before it ended, so none is left out by asking for its beginning.
    until = None if choice.older_than is None else now - choice.older_than
    meant = Query(status=choice.status, workflow=choice.workflow, until=until, offset=choice.beyond)
    # By id: a run that is begun meanwhile moves all others on by one.
    every = {run.run_id: run async for run in _all(store, meant)}
    found = [run for run in every.values() if until is None or (run.finished or run.updated) <= until]
    needed = await needed_by_others(store, standing, found)
    why = {run.run_id: _why_it_stays(run) or needed.get(run.run_id, "") for run in found}
    staying = tuple((run, why[run.run_id]) for run in found if why[run.run_id])
    return Chosen(tuple(run for run in found if not why[run.run_id]), staying)


def _why_it_stays(run: Summary) -> str:
    if run.owner:
        return f"{run.owner} has it"
    return "it waits for a person" if run.inbox or run.status == "waiting" else ""


async def needed_by_others(store: RunStore, standing: Standing, runs: Sequence[Summary]) -> Mapping[str, str]:
    """Those of the runs without which another would not begin, or would begin twice; and why, in words."""
    queued = await _queued(standing, runs)
    awaited = await _awaited(store) if runs else frozenset[str]()
    ids = [run.run_id for run in runs]
    why = dict.fromkeys((each for each in ids if each in awaited), "a queued run comes after it")
    return why | dict.fromkeys(
        (each for each in ids if each in queued), "the start that asked for it is not settled yet"
    )


async def _queued(standing: Standing, runs: Sequence[Summary]) -> frozenset[str]:
    """Those whose start a server has begun and not settled: without the run it would begin it once more."""
    started = [run.run_id for run in runs if run.cause]
    pages = [started[at : at + PAGE] for at in range(0, len(started), PAGE)]
    starts = [await standing.starts(("queued",), limit=PAGE, run_ids=page) for page in pages]
    return frozenset(start.run_id for page in starts for start in page)


async def _awaited(store: RunStore) -> frozenset[str]:
    """The runs that others come after which have not begun."""
    found: set[str] = set()
    async for run in _all(store, Query(status=("pending", "interrupted"))):
        if not run.steps_done:
            began = (await store.read(run.run_id))[0].event
            found.update(began.after if isinstance(began, e.RunStarted) else ())
    return frozenset(found)


async def no_longer_kept(store: RunStore, standing: Standing, rules: History, now: float) -> list[str]:
    """The ids of runs that are over, and that the rules do not keep at this time (seconds since the epoch)."""
    choices = [Choice((status,), age) for status, age in ages(rules).items() if age is not None]
    choices += [Choice(beyond=rules.keep_runs)] if rules.keep_runs is not None else []
    found: dict[str, None] = {}
    for choice in choices:
        found |= dict.fromkeys(run.run_id for run in (await choose(store, standing, choice, now)).going)
    return list(found)


async def _all(store: RunStore, query: Query) -> AsyncIterator[Summary]:
    """Each run of a query, however many there are."""
    while True:
        page = await store.runs(replace(query, limit=PAGE))
        for run in page:
            yield run
        if len(page) < PAGE:
            return
        query = replace(query, offset=query.offset + PAGE)


async def forget(store: RunStore, spool: Spool, run_ids: Sequence[str]) -> list[str]:
    """Forget these runs with all that was kept of them, but for any that has begun again. Returns which went."""
    gone = []
    for run_id in run_ids:
        try:
            await store.delete(run_id)
        except (RunOwned, RunUnknown):
            continue
        await asyncio.to_thread(spool.forget, run_id)
        gone.append(run_id)
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
