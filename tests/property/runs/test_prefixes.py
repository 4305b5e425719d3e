"""A run that was cut off after any of its events goes on to the same end, and repeats nothing that was finished."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.plans import Asking, Deed, Doing, Unsafe, World
from tests.support.reference_plan import Talking, reference_plan
from workflows.bus import Bus
from workflows.clock import SystemClock
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.errors import fail
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise
from workflows.steps.delay import Delay


def make_world() -> World:
    world = World()

    async def act(deed: Deed) -> Any:
        if deed.step.startswith("talk/"):
            world.deeds.append(deed)
        tries = len(world.of(deed.step))
        if deed.step == "flaky" and tries == 1:
            raise fail("transient", "overloaded")
        if deed.step == "lossy":
            raise fail("business", "exit 1")
        return {"did": deed.step}

    world.acts = {each.id: act for each in reference_plan().steps}
    return world


def make_engine(store: MemoryStore, world: World) -> Engine:
    kinds: dict[str, Any] = {
        kind.name: kind for kind in (Doing(world), Unsafe(world), Asking(world), Talking(world), Delay())
    }
    return Engine(store, kinds, Bus(), SystemClock())


async def finish(engine: Engine, driver: Driver) -> Any:
    """Take the run to its end, being the person: approve, answer, say of what is unknown that it happened."""
    answers = {"approval": "approve", "question": "left", "unknown": "happened"}
    done = asyncio.ensure_future(engine.finished(driver.state.run_id))
    async with asyncio.timeout(60):
        while not done.done():
            for inquiry in driver.committed.open_inquiries:
                asked = inquiry.asked
                if driver.state.inquiries[asked.entry].open:
                    await driver.answer(asked.entry, answers[asked.reason], {"did": asked.step})
            await asyncio.sleep(0)
    return done.result()


async def recorded() -> list[e.Recorded]:
    store, world = MemoryStore(), make_world()
    engine = make_engine(store, world)
    driver = await engine.start(
        reference_plan(), workflow="reference", source="", parameters={"go": False}, root=Path(".")
    )
    state = await finish(engine, driver)
    assert state.status == "succeeded"
    return await store.read(state.run_id)


async def resume(prefix: Sequence[e.Recorded]) -> tuple[Any, World, list[e.Recorded]]:
    store, world = MemoryStore(), make_world()
    lease = await store.create("prefix", "dead", prefix, summarise(replay("prefix", prefix)))
    await store.release(lease)
    engine = make_engine(store, world)
    state = await finish(engine, await engine.resume("prefix"))
    return state, world, await store.read("prefix")


async def test_every_prefix_of_a_journal_goes_on_to_the_same_end() -> None:
    whole = await recorded()
    expected = replay("prefix", whole)
    for length in range(1, len(whole)):
        prefix = whole[:length]
        state, world, journal = await resume(prefix)
        assert state.status == "succeeded", (length, state.failure, state.aborting)
        assert state.outputs == expected.outputs, length
        assert {s.id: s.status for s in state.steps.values()} == {s.id: s.status for s in expected.steps.values()}
        assert all(attempt.status != "started" for step in state.steps.values() for attempt in step.attempts)
        assert replay("prefix", journal) == state
        finished = {(r.event.step, r.event.key) for r in prefix if isinstance(r.event, e.CallFinished)}
        for name in ("look", "send", "count", "gate", "last"):
            if (name, "act") in finished:
                assert world.of(name) == [], f"{name} was done again after {length} events"


@pytest.mark.parametrize("times", [2])
async def test_recovery_itself_may_be_cut_off_and_done_again(times: int) -> None:
    whole = await recorded()
    for length in range(1, len(whole), 5):
        prefix = whole[:length]
        for _ in range(times):
            _, _, journal = await resume(prefix)
            prefix = journal[: length + 3]
            if len(prefix) >= len(journal):
                break
        state, _, _ = await resume(prefix) if len(prefix) < len(journal) else (replay("prefix", journal), None, None)
        assert state.status == "succeeded"
