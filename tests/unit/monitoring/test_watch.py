"""Alerts are kept and told of by one process, over a real journal, by a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.monitoring.alerting import acknowledge, acknowledged
from app.monitoring.rules import Limit
from app.monitoring.terms import Terms
from app.monitoring.watch import Watch
from tests.support.clocks import VirtualClock
from tests.support.journals import recorded, started, summary
from workflows.engine.limits import Load
from workflows.journal.memory import MemoryStore
from workflows.unattended.values import Alert

NOW = 1_700_000_000.0
TERMS = {
    "failure": Terms(Limit(1, 60), 300, ("team", "desktop")),
    "slow": Terms(Limit(3, 60), 300, ()),
    "cpu": Terms(Limit(90, 60), 300, ()),
}


class Told:
    """Keeps what is told, and where."""

    def __init__(self) -> None:
        self.alerts: list[tuple[str, str, tuple[str, ...]]] = []

    async def __call__(self, alert: Alert, channels: Sequence[str]) -> None:
        self.alerts.append((alert.rule, alert.about, tuple(channels)))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def watch(store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path, cpu: float = 5.0) -> Watch:
    return Watch(store, TERMS, tmp_path / "data" / "watched", clock.now, lambda: Load(cpu), told)


async def ended(store: MemoryStore, run_id: str, status: str, at: float, took: float = 1.0) -> None:
    run = summary(run_id, workflow="build", status=status, started=at - took, finished=at)
    await store.create(run_id, "pid 1", recorded(started("build")), run)


async def test_a_failure_is_told_once_and_is_over_when_a_run_succeeds(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    one = watch(store, clock, told, tmp_path)
    await ended(store, "r1", "failed", NOW - 2)
    for _ in range(3):
        await one.look()
        clock.move_to(clock.now() + 5)
    assert told.alerts == [("failure", "build", ("team", "desktop"))]
    (alert,) = await store.standing.alerts(lasting=True)
    assert (alert.since, alert.told, alert.text) == (NOW, NOW, "build: a run failed")
    assert alert.facts == {"run": "r1"}
    await ended(store, "r2", "succeeded", clock.now())
    await one.look()
    (alert,) = await store.standing.alerts()
    assert alert.until == clock.now()


async def test_only_one_process_watches_and_the_next_one_takes_over(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    one, other = watch(store, clock, told, tmp_path), watch(store, clock, Told(), tmp_path)
    await one.look()
    await ended(store, "r1", "failed", NOW)
    await other.look()
    assert await store.standing.alerts() == []
    one.let_go()
    await other.look()
    await one.look()
    assert len(await store.standing.alerts(lasting=True)) == 1
    assert told.alerts == []


async def test_who_only_lists_alerts_tells_nobody_and_whoever_is_next_does(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    one = watch(store, clock, told, tmp_path)
    await ended(store, "r1", "failed", NOW)
    await one.look(tell=False)
    (alert,) = await store.standing.alerts(lasting=True)
    assert (alert.told, told.alerts) == (None, [])
    await one.look()
    assert len(told.alerts) == 1
    assert [each.id for each in await store.standing.alerts()] == [alert.id]


async def test_a_run_is_slow_by_its_own_history(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    for n in range(5):
        await ended(store, f"r{n}", "succeeded", NOW - 500, took=10 + n)
    run = summary("r9", workflow="build", started=NOW - 42)
    await store.create("r9", "pid 1", recorded(started("build")), run)
    one = watch(store, clock, told, tmp_path)
    await one.look()
    assert told.alerts == []
    clock.move_to(NOW + 1)
    await one.look()
    assert told.alerts == [("slow", "r9", ())]


async def test_it_goes_on_looking_as_long_as_an_alert_lasts(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    await ended(store, "r1", "failed", NOW - 30)
    one = watch(store, clock, told, tmp_path)
    going = asyncio.create_task(one.go_on(5.0, clock.sleep, lambda: False))
    while not told.alerts:
        await asyncio.sleep(0)
    while [each.until for each in await store.standing.alerts()] == [None]:
        if clock.next_wake is not None:  # it sleeps: nothing is under way in a thread
            clock.move_to(clock.next_wake)
        await asyncio.sleep(0)
    (alert,) = await store.standing.alerts()
    assert alert.until is not None
    assert NOW + 30 <= alert.until <= NOW + 36
    going.cancel()


async def test_a_journal_that_cannot_be_read_stops_nothing(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = watch(store, clock, told, tmp_path)
    await store.close()
    await one.look()
    assert "alerts could not be looked for" in caplog.text


async def test_it_looks_once_in_an_interval(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    looks: list[float] = []

    def machine() -> Load:
        looks.append(clock.now() - NOW)
        return Load(5.0)

    one = Watch(store, TERMS, tmp_path / "watched", clock.now, machine, told)
    going = asyncio.create_task(one.go_on(30.0, clock.sleep))
    while len(looks) < 3:
        if clock.next_wake is not None:
            clock.move_to(clock.next_wake)
        await asyncio.sleep(0)
    assert looks == [0.0, 30.0, 60.0]
    going.cancel()


async def test_where_nobody_looked_for_long_an_alert_is_over_and_the_next_one_is_told(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    one = watch(store, clock, told, tmp_path)
    await ended(store, "r1", "failed", NOW)
    await one.look()
    (alert,) = await store.standing.alerts(lasting=True)
    await store.standing.put_alert(acknowledge(alert, "ada", NOW))
    clock.move_to(NOW + 5000)
    await ended(store, "r2", "failed", clock.now())
    await one.look()
    assert [rule for rule, _, _ in told.alerts] == ["failure", "failure"]
    newest, before = await store.standing.alerts()
    assert (before.until, newest.since, newest.until) == (NOW + 60, NOW + 5000, None)


async def test_who_saw_to_one_failed_run_is_told_of_the_next(
    store: MemoryStore, clock: VirtualClock, told: Told, tmp_path: Path
) -> None:
    one = watch(store, clock, told, tmp_path)
    await ended(store, "r1", "failed", NOW)
    await one.look()
    (alert,) = await store.standing.alerts(lasting=True)
    await store.standing.put_alert(acknowledge(alert, "ada", NOW))
    clock.move_to(NOW + 30)
    await ended(store, "r2", "failed", clock.now())
    await one.look()
    (alert,) = await store.standing.alerts(lasting=True)
    assert (acknowledged(alert), alert.facts) == (False, {"run": "r2"})
