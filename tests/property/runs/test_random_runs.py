"""Random plans with random failures: every run comes to a legal end, in an order that its needs allow."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.plans import Deed, World, kinds, parallel, step
from workflows.bus import Bus
from workflows.clock import SystemClock
from workflows.engine.engine import Engine
from workflows.errors import Failure, OutcomeUnknown, fail
from workflows.journal.memory import MemoryStore
from workflows.planning.plan import Plan, PlannedStep, RetryPolicy
from workflows.planning.reading import plan_from_json
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState

FAILURES = ("transient", "business", "authentication", "validation", "lost")


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[PlannedStep, list[str]]]:
    """Steps, each with how its first acts fail."""
    found: list[tuple[PlannedStep, list[str]]] = []
    for place in range(draw(st.integers(1, 8))):
        after = draw(st.sets(st.sampled_from([each.id for each, _ in found]), max_size=3)) if found else set()
        kind = draw(st.sampled_from(["do", "unsafe"]))
        planned = step(
            f"s{place}",
            kind,
            after=tuple(sorted(after)),
            when=draw(st.sampled_from(["", "", "", "parameters.go"])),
            performers=draw(st.sampled_from([("",), ("first", "second")])),
            retry=RetryPolicy(draw(st.integers(1, 3)), "immediate"),
            on_failure=draw(st.sampled_from(["", "abort", "continue", "skip"])),
        )
        found.append((planned, draw(st.lists(st.sampled_from(FAILURES), max_size=4))))
    return found


async def run(drawn: list[tuple[PlannedStep, list[str]]], width: int) -> tuple[RunState, World, list[e.Recorded]]:
    world = World()
    left = {planned.id: list(failures) for planned, failures in drawn}

    async def act(deed: Deed) -> Any:
        await asyncio.sleep(0)
        if left[deed.step]:
            failure = left[deed.step].pop(0)
            if failure == "lost":
                raise OutcomeUnknown(Failure("transient", "the connection broke"))
            raise fail(failure, failure)  # type: ignore[arg-type]  # drawn from the classes
        return deed.step

    world.acts = {planned.id: act for planned, _ in drawn}
    store = MemoryStore()
    engine = Engine(store, kinds(world), Bus(), SystemClock())
    plan = parallel(*(planned for planned, _ in drawn), width=width)
    driver = await engine.start(plan, workflow="random", source="", parameters={"go": False}, root=Path("."))
    done = asyncio.ensure_future(engine.finished(driver.state.run_id))
    async with asyncio.timeout(60):
        while not done.done():
            for inquiry in driver.committed.open_inquiries:
                if driver.state.inquiries[inquiry.asked.entry].open:
                    await driver.answer(inquiry.asked.entry, "happened", "by hand")
            await asyncio.sleep(0)
    state = done.result()
    return state, world, await store.read(state.run_id)


@settings(max_examples=150, deadline=None)
@given(steps(), st.integers(1, 4))
def test_every_run_comes_to_a_legal_end(drawn: list[tuple[PlannedStep, list[str]]], width: int) -> None:
    state, world, journal = asyncio.run(run(drawn, width))
    assert state.over
    assert replay(state.run_id, journal) == state
    for each in state.steps.values():
        assert all(attempt.status != "started" for attempt in each.attempts)
        assert all(call.status != "started" for call in each.calls.values())
        assert each.over or (state.status == "failed" and each.status == "pending")
        assert sum(call.status == "succeeded" for call in each.calls.values()) <= 1 + len(each.attempts)
    if state.status == "succeeded":
        assert all(each.over for each in state.steps.values())
        assert all(each.then != "abort" for each in state.steps.values())
    ended: set[str] = set()
    for recorded in journal:
        match recorded.event:
            case e.StepFinished(step=name) | e.StepSkipped(step=name):
                ended.add(name)
            case e.StepStarted(step=name):
                assert set(state.plan.by_id[name].after) <= ended
    unsafe = {planned.id for planned, _ in drawn if planned.kind == "unsafe"}
    for name in unsafe:
        keys = [deed.key for deed in world.of(name)]
        lost = [f for planned, failures in drawn if planned.id == name for f in failures if f == "lost"]
        attempts = state.steps[name].attempts
        # A try that was stopped may have been stopped before it acted; no other act is without a try of its own.
        assert lost or sum(each.status != "cancelled" for each in attempts) <= len(keys) <= len(attempts)


@settings(max_examples=100, deadline=None)
@given(steps(), st.integers(1, 4))
def test_a_plan_survives_its_journal(drawn: list[tuple[PlannedStep, list[str]]], width: int) -> None:
    import json

    plan: Plan = parallel(*(planned for planned, _ in drawn), width=width)
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))) == plan
