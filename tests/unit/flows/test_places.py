"""Places for steps: how many are at work at once in all runs, who goes first, and that nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from app.present.status import QUEUED, step_badge
from tests.support.flows import Do, Flow
from tests.support.plans import Asking, Deed, until
from workflows.engine.driver import Driver
from workflows.engine.limits import Load, Thresholds
from workflows.runs import events as e
from workflows.steps.kind import Catalogue, Description, Entry

WIDE = """
name: Wide
parameters: [{name: items, type: array}]
steps:
  - {id: each, type: do, foreach: {in: "${{ parameters.items }}", max_parallel: 1000}}
"""


class Held:
    """Makes every step of a flow wait inside its act until it is let go, and counts."""

    def __init__(self, flow: Flow) -> None:
        self.inside: list[str] = []
        self.most = 0
        self._doors: dict[str, asyncio.Event] = {}
        flow.world.acts = _Every(self._act)  # type: ignore[assignment]  # looks like a dict of acts

    async def _act(self, deed: Deed) -> Any:
        name = deed.step if deed.step not in self._doors else f"{deed.step}+"
        self.inside.append(name)
        self.most = max(self.most, len(self.inside))
        door = self._doors[name] = asyncio.Event()
        await door.wait()
        self.inside.remove(name)
        return name

    def let(self, name: str) -> None:
        self._doors[name].set()

    async def let_all(self, driver: Driver) -> None:
        while not driver.committed.over:
            for name in tuple(self.inside):
                self.let(name)
            await asyncio.sleep(0)


class _Every(dict[str, Any]):
    def __init__(self, act: Any) -> None:
        self._act = act

    def get(self, key: str, default: Any = None) -> Any:
        return self._act


def settled(flow: Flow, held: Held, count: int) -> Any:
    return until(lambda: len(held.inside) == count)


async def test_no_more_are_at_work_than_there_are_places_in_all_runs() -> None:
    flow = Flow(limits={"steps": 3})
    held = Held(flow)
    one, two = await flow.start(WIDE, items=[0] * 6), await flow.start(WIDE, items=[0] * 6)
    await settled(flow, held, 3)
    await held.let_all(one)
    await held.let_all(two)
    assert (held.most, len(flow.world.deeds)) == (3, 12)
    assert flow.engine.places.busy == {"steps": 0, "agents": 0}


async def test_a_long_list_is_not_begun_all_at_once() -> None:
    flow = Flow(limits={"steps": 4})
    held, most = Held(flow), 0

    def begun(notice: Any) -> None:
        nonlocal most
        steps = notice.state.steps.values()
        most = max(most, sum(step.status == "running" and not step.planned.holds_steps for step in steps))

    flow.bus.subscribe(begun)
    driver = await flow.start(WIDE, items=[0] * 100)
    await held.let_all(driver)
    assert (await flow.finished(driver)).status == "succeeded"
    assert most <= 8
    assert len(flow.world.deeds) == 100


async def test_runs_of_one_priority_share_the_places() -> None:
    flow = Flow(limits={"steps": 2})
    held = Held(flow)
    greedy = await flow.start(WIDE, items=[0] * 50)
    await settled(flow, held, 2)
    modest = await flow.start("name: Modest\nsteps: [{id: small, type: do}]")
    await until(lambda: flow.engine.places.queued > 2)
    held.let(held.inside[0])
    await until(lambda: "small" in held.inside)
    held.let("small")
    assert (await flow.finished(modest)).status == "succeeded"
    assert len(flow.world.deeds) < 6
    await held.let_all(greedy)


async def test_a_higher_priority_goes_first() -> None:
    flow = Flow(limits={"steps": 1})
    held = Held(flow)
    runs = [await flow.start("name: First\nsteps: [{id: first, type: do}]")]
    await settled(flow, held, 1)
    for name, priority in (("low", -10), ("normal", 0), ("high", 10)):
        runs.append(await flow.start(f"name: N\nsteps: [{{id: {name}, type: do}}]", priority=priority))
    await until(lambda: flow.engine.places.queued == 3)
    for driver in runs:
        await held.let_all(driver)
    assert flow.done == ["first", "high", "normal", "low"]


async def test_what_waits_for_a_person_or_for_time_leaves_its_place() -> None:
    flow = Flow(limits={"steps": 1})
    flow.kinds["ask"] = Asking(flow.world)
    driver = await flow.start("""
        name: F
        stages:
          - name: all
            parallel: true
            steps:
              - {id: way, type: ask}
              - {id: rest, type: delay, for: 1h}
              - {id: ask, type: question, ask: Which?}
              - {id: work, type: do}
    """)
    await flow.waiting(driver, 2)
    await until(lambda: driver.committed.steps["work"].over)
    await driver.answer("way:1", "left")
    await until(lambda: driver.committed.steps["way"].over)
    assert driver.committed.steps["way"].output == {"went": "left"}
    driver.cancel()
    await flow.finished(driver)
    assert flow.engine.places.busy["steps"] == 0


async def test_a_wait_that_is_too_long_fails_and_says_which_setting() -> None:
    flow = Flow(limits={"steps": 1, "queue_timeout": 60.0})
    held = Held(flow)
    first = await flow.start("name: A\nsteps: [{id: a, type: do}]")
    await settled(flow, held, 1)
    second = await flow.start("name: B\nsteps: [{id: b, type: do, retry: {max_attempts: 2, delay: 10}}]")
    await until(lambda: flow.engine.places.queued == 1)
    await flow.clock.advance(61)
    await until(lambda: second.committed.steps["b"].retry_at is not None)
    failure = second.committed.steps["b"].failure
    assert failure is not None
    assert failure.kind == "resource"
    assert failure.message == (
        "No place was free within 60 s (execution.queue_timeout): all 1 places for steps were taken."
    )
    assert "execution.max_concurrent_steps" in failure.hint
    await held.let_all(first)
    await flow.clock.advance(11)
    await held.let_all(second)
    assert flow.done == ["a", "b"]


class Machine:
    """A probe that says what a test says."""

    def __init__(self) -> None:
        self.load = Load(cpu=10.0)

    def look(self) -> Load:
        return self.load


async def test_a_busy_machine_slows_new_work_and_something_always_goes_on() -> None:
    machine = Machine()
    limits = {"steps": 8, "probe": machine, "thresholds": Thresholds(cpu=80), "interval": 30.0}
    flow = Flow(limits=limits)
    held = Held(flow)
    driver = await flow.start(WIDE, items=[0] * 40)
    await settled(flow, held, 8)
    machine.load = Load(cpu=93.0)
    await flow.clock.advance(31)
    for name in tuple(held.inside)[:7]:
        held.let(name)
    await until(lambda: flow.engine.places.limit < 8)
    for _ in range(8):
        await flow.clock.advance(31)
    assert flow.engine.places.limit == 1
    assert flow.engine.places.strained == "the processors are 93% used (resources.max_cpu_usage is 80%)"
    for name in tuple(held.inside):
        held.let(name)
    await settled(flow, held, 1)  # one goes on, however busy the machine is
    machine.load = Load(cpu=20.0)
    for _ in range(3):
        await flow.clock.advance(31)
    await settled(flow, held, 8)
    await held.let_all(driver)
    notes = [entry.event for entry in await flow.store.read(driver.state.run_id) if isinstance(entry.event, e.Noted)]
    assert [note.text for note in notes] == [
        "waits for a place: the processors are 93% used (resources.max_cpu_usage is 80%)"
    ]


async def test_a_slow_journal_slows_new_work() -> None:
    flow = Flow(limits={"steps": 8, "interval": 1.0})
    places = flow.engine.places
    for _ in range(20):
        places.felt(2.0)
    await flow.clock.advance(2)
    await flow.run("name: F\nsteps: [{id: a, type: do}]")
    assert places.limit == 1
    assert "the journal is slow" in places.strained


class Played(Do):
    """A kind whose steps an agent performs."""

    name: ClassVar[str] = "played"

    def describe(self, fields: Any, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("plays", (Entry("agent", "ann"),), effect="pure")


async def test_agents_have_places_of_their_own_among_the_steps() -> None:
    flow = Flow(limits={"steps": 3, "agents": 1})
    flow.kinds["played"] = Played(flow.world)
    held = Held(flow)
    driver = await flow.start("""
        name: F
        stages:
          - name: all
            parallel: true
            steps:
              - {id: a1, type: played}
              - {id: a2, type: played}
              - {id: a3, type: played}
              - {id: b, type: do}
              - {id: c, type: do}
    """)
    await settled(flow, held, 3)
    assert sorted(held.inside) == ["a1", "b", "c"]  # who waits for an agent keeps nobody else waiting
    assert step_badge(driver.state, "a2") == QUEUED
    assert flow.engine.places.busy == {"steps": 3, "agents": 1}
    held.let("a1")
    await until(lambda: "a2" in held.inside)
    assert "a3" not in held.inside
    await held.let_all(driver)
    assert len(flow.done) == 5


async def test_cancelling_gives_every_place_back() -> None:
    flow = Flow(limits={"steps": 2})
    held = Held(flow)
    driver = await flow.start(WIDE, items=[0] * 9)
    await settled(flow, held, 2)
    driver.cancel()
    assert (await flow.finished(driver)).status == "cancelled"
    assert (flow.engine.places.busy["steps"], flow.engine.places.queued) == (0, 0)
