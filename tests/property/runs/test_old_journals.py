"""A run that 0.1.0 began and that was cut off goes on with the engine of today, wherever it was cut off."""

from __future__ import annotations

import json
from pathlib import Path

from tests.property.runs.test_prefixes import finish, make_engine, make_world
from workflows.engine.fork import fork
from workflows.journal.codec import decode
from workflows.journal.memory import MemoryStore
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise

JOURNAL = Path(__file__).parents[2] / "contract" / "journals" / "0.1.0-run.jsonl"
RUN = "prefix"


def whole() -> list[e.Recorded]:
    lines = [json.loads(line) for line in JOURNAL.read_text(encoding="utf-8").splitlines()]
    return [e.Recorded(line["seq"], line["at"], decode(line["type"], line["version"], line["body"])) for line in lines]


async def test_a_run_of_an_older_release_is_begun_again_from_a_step() -> None:
    journal, store, world = whole(), MemoryStore(), make_world()
    origin = replay(RUN, journal)
    await store.release(await store.create(RUN, "dead", journal, summarise(origin)))
    engine = make_engine(store, world)
    begun = fork(origin, "count", origin.plan, origin.parameters)
    driver = await engine.fork(
        origin, begun, origin.plan, source=origin.source, parameters=origin.parameters, environment={}
    )
    state = await finish(engine, driver)
    assert (state.status, state.outputs) == ("succeeded", origin.outputs)
    assert world.of("look") == []


async def test_a_run_of_an_older_release_goes_on() -> None:
    journal = whole()
    expected = replay(RUN, journal)
    assert expected.status == "succeeded"
    for length in range(1, len(journal)):
        store, world = MemoryStore(), make_world()
        prefix = journal[:length]
        await store.release(await store.create(RUN, "dead", prefix, summarise(replay(RUN, prefix))))
        engine = make_engine(store, world)
        state = await finish(engine, await engine.resume(RUN))
        assert (state.status, state.outputs) == ("succeeded", expected.outputs), length
        finished = {(each.event.step, each.event.key) for each in prefix if isinstance(each.event, e.CallFinished)}
        for name in ("look", "send", "count", "gate", "last"):
            assert (name, "act") not in finished or world.of(name) == [], f"{name} again after {length} events"
