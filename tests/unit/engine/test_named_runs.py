"""A run that is begun under an id that somebody chose: there is one of it, whoever tries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.flows import Flow
from workflows.engine.driver import Driver
from workflows.journal.memory import MemoryStore
from workflows.journal.port import Query, RunTaken

TEXT = "name: One\nsteps:\n  - {id: a, type: do}\n"


async def start(flow: Flow, **more: Any) -> Driver:
    return await flow.engine.start(flow.plan(TEXT), workflow="one", source=TEXT, parameters={}, root=Path("."), **more)


async def test_a_run_is_begun_once_under_an_id() -> None:
    flow = Flow()
    driver = await start(flow, run_id="aaaa0000", version="one@2", cause="schedule:night")
    with pytest.raises(RunTaken) as again:
        await start(flow, run_id="aaaa0000")
    assert again.value.run_id == "aaaa0000"
    state = await flow.finished(driver)
    assert (state.run_id, state.version, state.cause) == ("aaaa0000", "one@2", "schedule:night")
    with pytest.raises(RunTaken):
        await start(flow, run_id="aaaa0000")
    other = Flow(store=MemoryStore(flow.store.shelf))
    with pytest.raises(RunTaken):
        await start(other, run_id="aaaa0000")
    assert flow.done == ["a"]
    (summary,) = await flow.store.runs(Query())
    assert (summary.version, summary.cause, summary.status) == ("one@2", "schedule:night", "succeeded")


async def test_a_run_of_a_file_has_no_version() -> None:
    flow = Flow()
    state = await flow.finished(await start(flow))
    assert (state.version, state.cause) == ("", "")
