"""Random runs, stopped and resumed on the way, with a random person: each is recorded, and plays to the same end."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.runs.test_random_flows import CHILD, Chance, made, numbered, person, workflows
from tests.support.flows import Flow
from tests.support.plans import World
from workflows.definition.parse import parse
from workflows.errors import UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.recordings import Played, Recording, play, recording_of
from workflows.runs.state import RunState
from workflows.secrets import Redactor
from workflows.values import canonical

NOBODY = Redactor()


async def run(text: str, seed: int, attended: bool) -> tuple[RunState, Recording | None]:
    """The end of a run that nobody cancels, and its recording; None where it did not come to an end."""
    store, world, chance = MemoryStore(), World(), Chance(seed)
    flow = made(store, world, chance)
    driver = await flow.start(text, attended=attended)
    run_id = driver.state.run_id
    async with asyncio.timeout(60):
        for turn in range(4000):
            done = run_id not in flow.engine._tasks
            if done and driver.committed.over:
                break
            if done or (turn < 300 and chance.often(0.02)):
                await flow.engine.close()
                if driver.committed.over:
                    break
                flow = made(store, world, chance)
                driver = await flow.engine.resume(run_id, attended=attended)
                continue
            await person(driver, chance)
            await asyncio.sleep(0)
        else:
            await flow.engine.close()
            return driver.committed, None
    return driver.committed, recording_of(run_id, await store.read(run_id), NOBODY, "0")


async def played(text: str, recording: Recording) -> Played:
    flow = Flow(child=CHILD)
    result = await play(
        recording,
        flow.plan(text),
        flow.kinds,
        source=text,
        parameters={},
        root=flow.root,
        answers={},
        code=lambda _: "",
        redactor=NOBODY,
        label="REPLAYED",
    )
    assert not flow.world.deeds, "nothing real is done"
    return result


def ends(state: RunState) -> dict[str, Any]:
    return {step.id: (step.status, step.output) for step in state.steps.values()}


@settings(max_examples=60, deadline=None)
@given(workflows(), st.integers(0, 1_000_000), st.booleans())
def test_what_was_recorded_plays_to_the_same_end(document: dict[str, Any], seed: int, attended: bool) -> None:
    # One thing at a time: what happens in the same moment has no order that could be recorded.
    text = canonical(numbered({**document, "max_parallel": 1}, count()))
    text = text.replace('"max_parallel":2', '"max_parallel":1').replace('"parallel":true', '"parallel":false')
    if '"type":"parallel"' in text or '"foreach"' in text:
        return
    flow = Flow(child=CHILD)
    if any(each.is_error for each in parse(text, "r.yaml", flow.kinds, flow.catalogue).diagnostics):
        return  # an undo beside what cannot have one, and the like

    async def both() -> None:
        state, recording = await run(text, seed, attended)
        if recording is None:
            return  # a person who retries for ever
        try:
            result = await played(text, recording)
        except UnderstudyError as error:
            raise AssertionError(error.message) from error
        assert not result.replay.differences
        assert not result.refused
        assert result.state.over, result.unanswered
        assert (result.state.status, ends(result.state)) == (state.status, ends(state))

    asyncio.run(both())
