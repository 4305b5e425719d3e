"""Every store tells the same of how its runs go just now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.contract.run_store import tried
from tests.support.journals import BEGAN, recorded, started, summary, waiting
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.port import Lease, RunStore
from workflows.journal.pulse import AtWork, Ended, Lately, PulseStore, UnderWay
from workflows.journal.sqlite import SqliteStore
from workflows.runs import events as e


class Store(RunStore, PulseStore, Protocol):
    """Runs, and how they go."""


class World:
    """Processes that share one journal."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._shelf = Shelf()
        self._opened: list[Store] = []

    async def process(self) -> Store:
        store: Store = await SqliteStore.open(self._folder) if self._folder else MemoryStore(self._shelf)
        self._opened.append(store)
        return store

    async def close(self) -> None:
        for store in self._opened:
            await store.close()


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path / "journal" if request.param == "sqlite" else None)
    yield made
    await made.close()


async def begin(store: Store, run_id: str, *events: e.Event, **changes: object) -> Lease:
    lease = await store.create(run_id, "pid 1", recorded(started()), summary(run_id, **changes))
    if events:
        await store.append(lease, recorded(*events, after=1), summary(run_id, **changes))
    return lease


async def test_the_pulse_is_of_all_processes_and_of_what_lives(world: World) -> None:
    one, other = await world.process(), await world.process()
    at_work = [*tried("a", 1, "writer", "failed", "timeout"), e.AttemptStarted("a", 2, "writer")]
    asking = [e.AttemptStarted("notes", 1, "writer")]
    await begin(one, "r1", *at_work, steps_total=5, steps_done=2, steps_failed=1)
    await begin(other, "r2", *asking, started=BEGAN + 1, status="waiting", inbox=(waiting("r2"),))
    await begin(one, "r3", started=BEGAN + 2, status="succeeded", finished=BEGAN + 3)
    gone = await world.process()
    await begin(gone, "r4", e.AttemptStarted("x", 1, "writer"))
    await begin(gone, "r5", started=BEGAN + 9, status="waiting", inbox=(waiting("r5"),))
    await gone.close()
    found = await one.pulse()
    listed = [(run.run_id, run.active, run.failed_tries, run.queued) for run in found.runs]
    assert listed == [("r1", 1, 1, 2), ("r2", 0, 0, 2), ("r5", 0, 0, 2)]
    assert (found.runs[0].done, found.runs[0].failed, found.runs[0].total) == (2, 1, 5)
    assert found.at_work == (AtWork("r1", "release-notes", "a", "writer", BEGAN + 4),)
    assert [run.run_id for run in (await other.pulse(1)).runs] == ["r1"]


async def test_what_ended_lately_is_counted(world: World) -> None:
    store = await world.process()
    tries = [
        *tried("a", 1, "writer", "failed", "timeout"),
        *tried("a", 2, "writer", "succeeded"),
        *tried("b", 1, "git.log", "succeeded"),
        *tried("c", 1, "writer", "cancelled"),
        *tried("d", 1, "writer", "failed", "business", interrupted=True),
        *tried("e", 1, "", "failed", "business"),
    ]
    await begin(store, "r1", *tries)
    for n, status in enumerate(("failed", "succeeded", "failed", "cancelled")):
        await begin(store, f"e{n}", workflow="build", status=status, finished=BEGAN + 20 + n)
    expected = Ended(1, 2, (BEGAN + 22, "e2"), BEGAN + 21)
    assert await store.lately(BEGAN) == Lately({"build": expected}, 3, 1, 2, 1)
    assert await store.lately(BEGAN + 4) == Lately({"build": expected}, 2, 0, 1, 1)
    assert (await store.lately(BEGAN + 22)).runs == {"build": Ended(0, 1, (BEGAN + 22, "e2"))}
    assert await store.lately(BEGAN + 30) == Lately()


async def test_how_long_a_workflow_took(world: World) -> None:
    store = await world.process()
    for n, (status, took) in enumerate((("succeeded", 4), ("failed", 9), ("succeeded", 1), ("succeeded", 7))):
        await begin(store, f"r{n}", started=BEGAN + n, status=status, finished=BEGAN + n + took)
    await begin(store, "other", workflow="build", status="succeeded", finished=BEGAN + 1)
    assert await store.took("release-notes") == [7, 1, 4]
    assert await store.took("release-notes", 2) == [7, 1]


def test_a_run_that_has_begun_all_has_nothing_queued() -> None:
    assert UnderWay("r", "w", "running", 0.0, done=1, total=2, active=2).queued == 0
