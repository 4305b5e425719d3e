"""Runs at once: a run over the limit is durable and queued, begins when it is its turn, and can be ended or resumed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.support.clocks import VirtualClock
from tests.support.flows import Flow
from tests.support.plans import until
from workflows.engine.driver import Driver
from workflows.engine.limits import Claim, Load, Thresholds
from workflows.engine.turns import Turns
from workflows.errors import CallFailed
from workflows.journal.memory import MemoryStore
from workflows.journal.port import Query
from workflows.runs import events as e

ASKS = """
name: Asks
steps:
  - {id: ask, type: question, ask: Which?}
"""
RESTS = "name: Rests\nsteps:\n  - {id: rest, type: delay, for: 10}\n  - {id: work, type: do}\n"
WORKS = "name: Works\nsteps: [{id: work, type: do}]\n"


def turns(folder: Path, **more: int) -> Turns:
    return Turns(folder / "turns", {"runs": 1, **more})


async def status(driver: Driver, expected: str) -> None:
    await until(lambda: driver.committed.status == expected)


async def ended(flow: Flow, driver: Driver, seconds: float = 30) -> str:
    for _ in range(int(seconds * 2)):
        if driver.committed.over:
            break
        await flow.clock.advance(0.5)
    return (await flow.finished(driver)).status


async def test_a_run_over_the_limit_is_queued_and_begins_by_priority_then_age(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    first = await flow.start(RESTS)
    queued = [await flow.start(WORKS, priority=priority) for priority in (0, -10, 10, 0)]
    assert [driver.committed.status for driver in queued] == ["pending"] * 4
    (summary,) = [run for run in await flow.store.runs(Query()) if run.run_id == queued[0].state.run_id]
    assert summary.status == "pending"
    normal, low, high, later = (driver.state.run_id for driver in queued)
    normal, later = sorted((normal, later))  # of the same age
    assert flow.engine.turns is not None
    assert flow.engine.turns.line() == [high, normal, later, low]
    event = (await flow.store.read(low))[1].event
    assert event == e.RunQueued("all places for runs are taken (execution.max_concurrent_workflows)", 2)
    assert [await ended(flow, driver) for driver in (first, *queued)] == ["succeeded"] * 5
    begun = {driver.state.run_id: driver.committed.ended or 0.0 for driver in queued}
    assert sorted(begun, key=begun.__getitem__) == [high, normal, later, low]
    assert queued[0].committed.at_work < 1  # waiting for a turn is no work


async def test_a_queued_run_can_be_cancelled(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    first, second = await flow.start(RESTS), await flow.start(WORKS)
    second.cancel()
    assert (await flow.finished(second)).status == "cancelled"
    assert flow.done == []
    assert await ended(flow, first) == "succeeded"


async def test_a_queued_run_can_be_paused_and_goes_back_to_its_place(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    first, second = await flow.start(RESTS), await flow.start(WORKS)
    await second.pause()
    assert second.committed.status == "paused"
    await second.proceed()
    assert second.committed.status == "pending"
    await second.pause()
    assert await ended(flow, first) == "succeeded"
    await flow.clock.advance(1)
    assert (second.committed.status, flow.done) == ("paused", ["work"])
    await second.proceed()
    assert await ended(flow, second) == "succeeded"


async def test_a_queued_run_whose_process_died_is_resumed_and_keeps_its_age(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    first = await flow.start(RESTS)
    early = await flow.start(WORKS)
    await flow.clock.advance(1)
    late = await flow.start(WORKS)
    early.stop("the program was closed")
    await flow.finished(early)
    (summary,) = [run for run in await flow.store.runs(Query()) if run.run_id == early.state.run_id]
    assert summary.status == "interrupted"
    again = await flow.engine.resume(early.state.run_id)
    await status(again, "pending")
    assert flow.engine.turns is not None
    assert flow.engine.turns.line() == [again.state.run_id, late.state.run_id]
    assert [await ended(flow, driver) for driver in (first, again, late)] == ["succeeded"] * 3


async def test_a_run_that_waits_for_a_person_leaves_its_place(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    asks = await flow.start(ASKS)
    await status(asks, "waiting")
    works = await flow.start(WORKS)
    assert await ended(flow, works) == "succeeded"
    rests = await flow.start(RESTS)
    assert rests.committed.status == "running"
    await asks.answer("ask:1", "answer", "this")  # what has begun is not held up, though the place is taken
    assert (await flow.finished(asks)).status == "succeeded"
    assert not rests.committed.over
    assert await ended(flow, rests) == "succeeded"


async def test_other_processes_count(tmp_path: Path) -> None:
    store = MemoryStore()
    here, there = Flow(store, turns=turns(tmp_path)), Flow(MemoryStore(store.shelf), turns=turns(tmp_path))
    first, second = await here.start(RESTS), await there.start(WORKS)
    assert second.committed.status == "pending"
    assert await ended(here, first) == "succeeded"
    assert await ended(there, second) == "succeeded"


async def test_a_run_comes_after_others(tmp_path: Path) -> None:
    flow = Flow(turns=Turns(tmp_path, {"runs": 5}))
    build, lint = await flow.start(RESTS), await flow.start(WORKS)
    deploy = await flow.start(WORKS, after=[build.state.run_id, lint.state.run_id])
    assert deploy.committed.why == f"it comes after run {build.state.run_id}, which is running"
    await flow.clock.advance(5)
    assert deploy.committed.status == "pending"
    assert await ended(flow, build) == "succeeded"
    assert await ended(flow, deploy) == "succeeded"


async def test_a_run_does_not_come_after_one_that_failed(tmp_path: Path) -> None:
    flow = Flow(turns=Turns(tmp_path, {"runs": 5}))
    build = await flow.start(RESTS)
    deploy = await flow.start(WORKS, after=[build.state.run_id])
    build.cancel()
    await flow.finished(build)
    assert await ended(flow, deploy) == "failed"
    assert deploy.committed.failure is not None
    assert deploy.committed.failure.message == f"It comes after run {build.state.run_id}, and that was cancelled."
    with pytest.raises(CallFailed, match="was cancelled"):
        await flow.start(WORKS, after=[build.state.run_id])
    assert flow.done == []


async def test_a_process_that_is_stopped_in_line_holds_nobody_up(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path))
    there = turns(tmp_path)
    ticket = there.stand("stopped", Claim({"runs": 1}, priority=10))
    works = await flow.start(WORKS)
    await flow.clock.advance(2)
    assert (works.committed.status, there.line()) == ("pending", ["stopped", works.state.run_id])
    long_ago = time.time() - 60
    os.utime(ticket, (long_ago, long_ago))
    assert await ended(flow, works) == "succeeded"
    assert there.line() == ["stopped"]
    there.leave("stopped", ticket)


async def test_what_a_run_came_after_may_be_forgotten_when_it_has_begun(tmp_path: Path) -> None:
    flow = Flow(turns=Turns(tmp_path, {"runs": 5}))
    build = await flow.run(WORKS)
    deploy = await flow.start(RESTS, after=[build.run_id])
    deploy.stop("the program was closed")
    await flow.finished(deploy)
    await flow.store.delete(build.run_id)
    again = await flow.engine.resume(deploy.state.run_id)
    assert await ended(flow, again) == "succeeded"


async def test_a_run_that_had_begun_is_not_ended_for_want_of_a_place_there_is_no_more(tmp_path: Path) -> None:
    text = RESTS + "resources: {gpu: 2}\n"
    flow = Flow(turns=turns(tmp_path, gpu=2))
    run = await flow.start(text)
    run.stop("the program was closed")
    await flow.finished(run)
    less = Flow(flow.store, turns=turns(tmp_path, gpu=1))
    with pytest.raises(CallFailed, match="needs more of gpu"):
        await less.engine.resume(run.state.run_id)
    assert not (await less.replayed(run.state.run_id)).over
    again = await flow.engine.resume(run.state.run_id)
    assert await ended(flow, again) == "succeeded"


async def test_a_wait_for_a_turn_that_is_too_long_fails(tmp_path: Path) -> None:
    flow = Flow(turns=turns(tmp_path), limits={"queue_timeout": 5.0})
    await flow.start(RESTS)
    second = await flow.start(WORKS)
    assert await ended(flow, second, 8) == "failed"
    assert second.committed.failure is not None
    assert second.committed.failure.kind == "resource"
    assert "waited 5 s for its turn (execution.queue_timeout)" in second.committed.failure.message


class Disk:
    def __init__(self) -> None:
        self.full = 91.0

    def look(self) -> Load:
        return Load(storage=self.full)


async def test_a_full_disk_keeps_runs_out(tmp_path: Path) -> None:
    disk = Disk()
    limits = {"probe": disk, "thresholds": Thresholds(storage=85), "interval": 1.0}
    flow = Flow(turns=turns(tmp_path), limits=limits)
    run = await flow.start(WORKS)
    assert run.committed.why == "storage: the journal's disk is 91% full (resources.max_storage_usage is 85%)"
    await flow.clock.advance(5)
    assert run.committed.status == "pending"
    disk.full = 50.0
    assert await ended(flow, run) == "succeeded"


async def test_a_delay_lasts_no_longer_where_the_clock_was_put_back_while_nobody_had_the_run() -> None:
    flow = Flow()
    driver = await flow.start(RESTS)
    await until(lambda: "rest" in driver.committed.steps and bool(driver.committed.steps["rest"].timers))
    await flow.engine.close()
    again = Flow(flow.store, flow.world, clock=VirtualClock(flow.clock.now() - 3600))
    resumed = await again.engine.resume(driver.state.run_id)
    assert await ended(again, resumed, 20) == "succeeded"
