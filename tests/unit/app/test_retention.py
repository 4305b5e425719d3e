"""Which runs the rules no longer keep, and what is removed: never what waits or is unfinished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.retention import LEFT, Choice, choose, forget, no_longer_kept, rule_lines
from app.settings import History
from tests.support.journals import BEGAN, recorded, started, summary, waiting
from workflows.journal.memory import MemoryStore
from workflows.journal.spool import Spool
from workflows.unattended.values import Start

DAY = 86_400.0
NOW = BEGAN + 100 * DAY


async def store_of(**runs: dict[str, Any]) -> MemoryStore:
    store = MemoryStore()
    for run_id, about in runs.items():
        lease = await store.create(run_id, "me", recorded(started()), summary(run_id, **about))
        await store.release(lease)
    return store


def ended(status: str, days_ago: float, took: float = 60.0) -> dict[str, Any]:
    finished = NOW - days_ago * DAY
    return {"status": status, "started": finished - took, "updated": finished, "finished": finished}


async def some() -> MemoryStore:
    return await store_of(
        a={**ended("succeeded", 90), "inbox": ()},
        b=ended("succeeded", 10, took=50 * DAY),
        c=ended("failed", 90),
        d=ended("cancelled", 90),
        e={"status": "waiting", "started": BEGAN, "updated": BEGAN, "inbox": (waiting("e"),)},
        f={"status": "paused", "started": BEGAN, "updated": BEGAN},
        g={"status": "running", "started": BEGAN, "updated": BEGAN},
        h={"status": "pending", "started": BEGAN, "updated": BEGAN},
        i=ended("succeeded", 0),
    )


@pytest.mark.parametrize(
    ("rules", "going"),
    [
        ({}, ""),
        ({"keep_succeeded": 30 * DAY}, "a"),
        ({"keep_succeeded": 1.0, "keep_failed": 1.0, "keep_cancelled": 1.0}, "abcd"),
        ({"keep_failed": 90 * DAY + 1}, ""),
        ({"keep_runs": 2}, "acd"),
        ({"keep_runs": 4, "keep_cancelled": 80 * DAY}, "ad"),
        ({"keep_runs": 100}, ""),
    ],
)
async def test_rules_say_which_runs_go(rules: dict[str, Any], going: str) -> None:
    store = await some()
    found = await no_longer_kept(store, store.standing, History(**rules), NOW)
    assert sorted(found) == list(going)


@pytest.mark.parametrize(
    ("choice", "going"),
    [
        (Choice(), "abcdi"),
        (Choice(older_than=30 * DAY), "acd"),
        (Choice(("failed", "cancelled"), 95 * DAY), ""),
        (Choice(("succeeded",), beyond=1), "ab"),
        (Choice(workflow="other"), ""),
        (Choice(LEFT), "fgh"),
        (Choice(("waiting", "running", "pending"), workflow="release-notes"), ""),
    ],
)
async def test_a_person_chooses_by_age_status_and_workflow(choice: Choice, going: str) -> None:
    store = await some()
    chosen = await choose(store, store.standing, choice, NOW)
    assert sorted(run.run_id for run in chosen.going) == list(going)


async def test_what_somebody_has_or_is_asked_or_needs_stays_and_it_is_said_why() -> None:
    store = await some()
    await store.claim("f", "pid 4711")
    asks = {"status": "paused", "started": BEGAN, "updated": BEGAN, "inbox": (waiting("j"),)}
    await store.release(await store.create("j", "me", recorded(started()), summary("j", **asks)))
    later = recorded(replace(started(), after=("a",)))
    about = {"status": "pending", "started": NOW, "updated": NOW}
    await store.release(await store.create("k", "me", later, summary("k", **about)))
    await store.standing.ask(Start("api:ada:1", "api:ada", "release-notes", run_id="l"))
    caused = summary("l", **ended("failed", 9), cause="api:ada")
    await store.release(await store.create("l", "me", recorded(started()), caused))
    chosen = await choose(store, store.standing, Choice(("succeeded", "failed", "paused")), NOW)
    assert {run.run_id: why for run, why in chosen.staying} == {
        "a": "a queued run comes after it",
        "f": "pid 4711 has it",
        "j": "it waits for a person",
        "l": "the start that asked for it is not settled yet",
    }
    assert sorted(run.run_id for run in chosen.going) == ["b", "c", "i"]


async def test_what_is_under_way_is_never_forgotten(tmp_path: Path) -> None:
    store = await some()
    lease = await store.claim("a", "somebody")
    spool = Spool(tmp_path / "spool")
    spool.write("c", "step", 1, "text")
    assert await forget(store, spool, ["a", "c", "nobody"]) == ["c"]
    assert not (tmp_path / "spool" / "c").exists()
    await store.release(lease)
    assert len(await store.read("a")) == 1


def test_the_rules_are_shown_in_words() -> None:
    lines = dict(rule_lines(History(keep_succeeded=30 * DAY, keep_runs=5)))
    assert (lines["runs that succeeded"], lines["of all that are over"]) == ("30d", "the newest 5")
    assert lines["runs that failed"] == "for ever"
