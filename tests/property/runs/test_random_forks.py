"""Forks of random runs at any of their steps: they end as the run did, and nothing that they reuse is done again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.runs.test_random_flows import numbered, workflows
from tests.support.flows import Flow
from tests.support.plans import Deed
from workflows.definition.parse import parse
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.engine.fork import fork
from workflows.errors import CallFailed, Failure, UnderstudyError
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState
from workflows.runs.tree import is_aftermath, stands
from workflows.values import canonical

CHILD = canonical(
    {
        "name": "Child",
        "steps": [
            {"id": "c1", "type": "do", "undo": {"type": "do"}},
            {"id": "c2", "type": "unsafe", "approve": "before"},
        ],
        "finally": {"steps": [{"id": "c4", "type": "do"}]},
    }
)


class _Fixed(dict[str, Any]):
    """What each step does is settled by its address alone."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def get(self, key: str, default: Any = None) -> Any:
        async def act(deed: Deed) -> Any:
            await asyncio.sleep(0)
            if crc32(f"{self._seed}{deed.step}".encode()) % 5 == 0:
                raise CallFailed(Failure("business", deed.step))
            return {"did": deed.step}

        return act


async def finished(flow: Flow, driver: Driver, stops: int = 0) -> RunState:
    """The end of a run whose every approval is given, and of which every failure counts.

    It is stopped and resumed so many times on the way.
    """
    for _ in range(stops):
        for _ in range(6):
            await asyncio.sleep(0)
        await flow.engine.close()
        if driver.committed.over:
            return driver.committed
        flow.engine = Engine(flow.store, flow.kinds, flow.bus, flow.clock)
        driver = await flow.engine.resume(driver.state.run_id)
    done = asyncio.ensure_future(flow.engine.finished(driver.state.run_id))
    async with asyncio.timeout(60):
        while not done.done():
            for inquiry in driver.state.open_inquiries:
                with suppress(UnderstudyError):  # it was stopped meanwhile
                    choice = {"approval": "approve", "unknown": "again"}.get(inquiry.asked.reason, "abort")
                    await driver.answer(inquiry.asked.entry, choice)
            await asyncio.sleep(0)
    return done.result()


def ends(state: RunState) -> dict[str, Any]:
    """How the steps of the workflow itself ended, with what they gave."""
    return {
        step.id: (step.status, step.output)
        for step in state.steps.values()
        if not is_aftermath(state, step.scope) and stands(state, step)
    }


@settings(max_examples=50, deadline=None)
@given(workflows(), st.integers(0, 1_000_000), st.integers(0, 1_000_000), st.integers(0, 2))
def test_forks_end_as_their_run_did(document: dict[str, Any], seed: int, choice: int, stops: int) -> None:
    text = canonical(numbered(document, count())).replace('"ask"', '"abort"')
    flow = Flow(child=CHILD)
    flow.world.acts = _Fixed(seed)
    if any(each.is_error for each in parse(text, "r.yaml", flow.kinds, flow.catalogue).diagnostics):
        return  # an undo beside what cannot have one, and the like

    async def both() -> None:
        origin = await finished(flow, await flow.start(text))
        addresses = list(ends(origin))
        at = addresses[choice % len(addresses)]
        before = len(flow.world.deeds)
        try:
            driver = await flow.fork(origin, at)
        except UnderstudyError:
            assert origin.status != "succeeded"  # a part of something that has to be done again as a whole
            return
        state = await finished(flow, driver, stops)
        journal = await flow.store.read(state.run_id)
        assert replay(state.run_id, journal) == state
        assert state.over
        assert all(step.over for step in state.steps.values())
        begun = fork(origin, at, origin.plan, origin.parameters)
        taken = [each.event for each in journal if isinstance(each.event, e.StepReused)]
        assert {event.step for event in taken} == set(begun.steps("reused"))
        # What failed and was tolerated is tried again where what holds it is tried again.
        stood = {event.step for event in taken if event.status == "succeeded"}
        acted = {deed.step for deed in flow.world.deeds[before:]}
        assert not acted & stood, "what stands was done again"
        assert not {step for step in acted if step.endswith("~undo")} & {f"{step}~undo" for step in stood}
        if any(isinstance(each.event, e.CallFailed) and each.event.status == "unknown" for each in journal):
            return  # it was cut off in the middle of something: what verifies that gives another output
        # Of what goes on at once, chance says which fails first and cancels the others: in either run.
        by_chance = '"first"' in text or origin.counts.get("cancelled") or state.counts.get("cancelled")
        if origin.status == "succeeded" and not by_chance:
            assert state.status == "succeeded"
            assert ends(state) == ends(origin)
            assert state.outputs == origin.outputs
        elif not by_chance:
            assert state.status == origin.status

    asyncio.run(both())
