"""A run that another part of the program ends while it is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.paths import Paths
from app.watch import RunWatch
from tests.support.clocks import VirtualClock
from tests.support.plans import chain, step
from tests.support.stage import Cast, kinds
from workflows.engine.engine import Engine
from workflows.runs.events import Recorded


async def test_a_run_that_ends_while_it_is_read_is_not_taken_for_one_that_nobody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "log", tmp_path)
    async with open_services(paths, {"PATH": "/usr/bin:/bin"}) as services:
        cast, store = Cast(), services.store
        # The watch has an engine of its own, as another process would: it does not drive this run.
        engine = Engine(store, kinds(cast), services.bus, VirtualClock())
        driver = await engine.start(
            chain(step("one", "play")), workflow="play", source="", parameters={}, root=tmp_path, attended=True
        )
        watch = RunWatch(Desk(services), driver.state.run_id)
        read = store.read

        async def read_late(run_id: str, after: int = 0) -> list[Recorded]:
            events = await read(run_id, after)
            if not driver.committed.over:
                cast["one"].end(1)
                await engine.finished(run_id)
            return events

        monkeypatch.setattr(store, "read", read_late)
        await watch.look()
        assert not watch.resumable
        await watch.look()
        assert watch.state.over
        await engine.close()
