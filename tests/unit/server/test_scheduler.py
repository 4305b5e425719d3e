"""The scheduler asks once for each slot, whatever dies, jumps or happens beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.server.overlap import held, under_way
from app.server.scheduler import MOST_QUEUED, Scheduler
from tests.support.clocks import WallClock
from tests.support.journals import recorded, started, summary
from workflows.journal.memory import MemoryStore, Shelf
from workflows.journal.port import Lease
from workflows.runs import events as e
from workflows.unattended.values import Schedule, Start

BEGAN = 1_700_000_000.0 - 1_700_000_000.0 % 600
"""A moment at which ten minutes begin."""

TEN = Schedule("ten", "report", every=600.0, created=BEGAN, since=BEGAN, overlap="allow", by="ada")


class House:
    """What several servers share, and a clock."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.clock = WallClock(BEGAN)
        self.store = MemoryStore(self.shelf)
        self.standing = self.store.standing

    def server(self) -> Scheduler:
        store = MemoryStore(self.shelf)
        return Scheduler(store.standing, store, self.clock)

    def pass_by(self, seconds: float) -> None:
        self.clock.move_to(self.clock.monotonic() + seconds)

    async def all(self, cause: str = "schedule:ten") -> list[Start]:
        """Every start, the first one first."""
        return (await self.standing.starts(cause=cause, limit=1000))[::-1]

    async def slots(self, *status: Any) -> list[float]:
        """Minutes from the beginning to the slots of these starts, in order."""
        return [(each.due - BEGAN) / 60 for each in await self.all() if not status or each.status in status]

    async def begin(self, start: Start) -> Lease:
        """The run of a start."""
        lease = await self.store.create(start.run_id, "pid 1", recorded(started()), summary(start.run_id))
        await self.standing.settle(start.key, "started")
        return lease

    async def end(self, lease: Lease) -> None:
        over = summary(lease.run_id, status="succeeded", finished=BEGAN)
        await self.store.append(lease, recorded(e.RunFinished("succeeded"), after=1), over, True)


@pytest.fixture
def house() -> House:
    return House()


async def test_each_slot_is_asked_for_once_by_however_many_servers(house: House) -> None:
    await house.standing.put_schedule(TEN)
    servers = [house.server(), house.server()]
    for _ in range(65):
        house.pass_by(60)
        await asyncio.gather(*(server.look() for server in servers))
    assert await house.slots("queued") == [10, 20, 30, 40, 50, 60]
    assert {(each.workflow, each.by, each.cause) for each in await house.all()} == {("report", "ada", "schedule:ten")}
    assert (await house.standing.schedules())[0].count == 6


async def test_it_sleeps_no_longer_than_to_the_next_slot_and_looks_often(house: House) -> None:
    await house.standing.put_schedule(TEN)
    server = house.server()
    assert await server.look() == 2.0
    house.pass_by(599.5)
    assert await server.look() == 0.5


async def test_what_another_process_adds_pauses_and_changes_counts_at_the_next_look(house: House) -> None:
    server = house.server()
    await server.look()
    await house.standing.put_schedule(TEN)
    house.pass_by(600)
    await server.look()
    await house.standing.put_schedule(replace(TEN, paused=True))
    house.pass_by(600)
    await server.look()
    assert await house.slots() == [10]
    resumed = replace(TEN, since=house.clock.now())
    await house.standing.put_schedule(resumed)
    house.pass_by(600)
    await server.look()
    assert await house.slots() == [10, 30]
    await house.standing.put_schedule(replace(resumed, every=1200.0))
    house.pass_by(600)
    await server.look()
    assert await house.slots() == [10, 30, 40]
    house.pass_by(600)
    await server.look()
    assert await house.slots() == [10, 30, 40]
    await house.standing.remove_schedule("ten")
    house.pass_by(6000)
    await server.look()
    assert await house.slots() == [10, 30, 40]


@pytest.mark.parametrize(
    ("missed", "queued", "skipped"),
    [("skip", [], [480]), ("latest", [480], [470]), ("all:3", [460, 470, 480], [450]), ("all", range(10, 481, 10), [])],
)
async def test_a_gap_of_eight_hours_goes_by_the_policy(
    house: House, missed: str, queued: list[float], skipped: list[float]
) -> None:
    await house.standing.put_schedule(replace(TEN, missed=missed))
    server = house.server()
    await server.look()
    house.pass_by(8 * 3600 + 120)
    await asyncio.gather(server.look(), house.server().look())
    assert await house.slots("queued") == list(queued)
    assert await house.slots("skipped") == skipped
    house.pass_by(480)
    await server.look()
    assert await house.slots("queued") == [*queued, 490]


async def test_a_clock_that_is_put_back_starts_nothing_again(house: House) -> None:
    await house.standing.put_schedule(TEN)
    server = house.server()
    for hour in (0, -3600, 0):
        house.clock.put_on = hour
        for _ in range(60):
            house.pass_by(60)
            await server.look()
    # What lay in the hour that the clock left out was missed, but for the last.
    assert await house.slots("queued") == [10, 20, 30, 40, 50, 60, *range(120, 181, 10)]


async def test_a_clock_that_is_put_on_makes_up_by_the_policy_and_goes_on_after(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, missed="all"))
    server = house.server()
    house.clock.put_on = 3600
    house.pass_by(60)
    await server.look()
    assert await house.slots("queued") == [10, 20, 30, 40, 50, 60]
    house.clock.put_on = 0
    for _ in range(70):
        house.pass_by(60)
        await server.look()
    assert await house.slots("queued") == [10, 20, 30, 40, 50, 60, 70]


async def test_a_clock_that_was_years_ahead_does_not_stop_a_schedule(house: House) -> None:
    await house.standing.put_schedule(TEN)
    server = house.server()
    house.clock.put_on = 10 * 365 * 86400.0
    await server.look()
    house.clock.put_on = 0
    house.pass_by(600)
    await server.look()
    await server.look()
    assert (await house.slots("queued"))[1:] == [10]


async def test_skip_leaves_out_what_is_due_while_a_run_is_not_over(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, overlap="skip"))
    server = house.server()
    house.pass_by(600)
    await server.look()
    lease = await house.begin((await house.all())[0])
    house.pass_by(600)
    await server.look()
    await house.end(lease)
    house.pass_by(600)
    await server.look()
    assert await house.slots("skipped") == [20]
    assert f"run {lease.run_id}" in (await house.all())[1].why
    assert await house.slots("queued") == [30]


async def test_replace_cancels_what_is_not_over(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, overlap="replace"))
    server = house.server()
    house.pass_by(600)
    await server.look()
    lease = await house.begin((await house.all())[0])
    for _ in range(2):
        house.pass_by(600)
        await server.look()
    assert {each.what for each in await house.store.requests(lease.run_id)} == {"cancel"}
    assert [each.status for each in await house.all()] == ["started", "skipped", "queued"]
    assert "replaced" in (await house.all())[1].why


async def test_queue_holds_back_all_but_the_first(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, overlap="queue"))
    server = house.server()
    for _ in range(2):
        house.pass_by(600)
        await server.look()
    one, other = await house.all()
    queued = await house.standing.starts(("queued",))
    assert await held(house.standing, house.store, queued) == {other.key}
    lease = await house.begin(one)
    assert await held(house.standing, house.store, [other]) == {other.key}
    assert [each.key for each in await under_way(house.standing, house.store, one.cause)] == [other.key, one.key]
    await house.end(lease)
    assert not await held(house.standing, house.store, [other])


async def test_a_queue_has_an_end(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, every=1.0, missed="all"))
    await house.standing.put_schedule(replace(TEN, every=1.0, overlap="queue", missed="all"))
    house.pass_by(MOST_QUEUED + 5)
    await house.server().look()
    assert len(await house.slots("queued")) == MOST_QUEUED
    assert "wait already" in (await house.all())[-1].why


async def test_what_stands_may_all_be_due_beside_each_other(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, overlap="allow"))
    house.pass_by(1200)
    await house.server().look()
    queued = await house.standing.starts(("queued",))
    assert not await held(house.standing, house.store, queued)


async def test_a_zone_that_is_not_known_here_stops_no_other_schedule(house: House) -> None:
    await house.standing.put_schedule(replace(TEN, id="a", every=0.0, cron="* * * * *", timezone="Mars/Olympus"))
    await house.standing.put_schedule(TEN)
    house.pass_by(600)
    await house.server().look()
    assert await house.slots() == [10]


@asynccontextmanager
async def running(server: Scheduler) -> AsyncIterator[None]:
    task = asyncio.create_task(server.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_loop_starts_a_slot_when_it_is_due(house: House) -> None:
    await house.standing.put_schedule(TEN)
    async with running(house.server()):
        await house.clock.advance(599)
        assert await house.slots() == []
        await house.clock.advance(1)
        assert await house.slots() == [10]
        assert (await house.all())[0].at == BEGAN + 600
