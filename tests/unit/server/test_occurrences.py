"""A file's content and a run's end start once, whoever sees them, and also what happened while no server ran."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.server.occurrences import Occurrences
from tests.support.journals import recorded, started, summary
from workflows.clock import SystemClock
from workflows.journal.memory import MemoryStore, Shelf
from workflows.runs import events as e
from workflows.unattended.values import Start, Trigger

BUILT = Trigger("built", "report", "run", {"workflow": "build", "status": "failed", "give": "run", "since": 0.0})


class House:
    """What several servers share."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.store = MemoryStore(self.shelf)
        self.standing = self.store.standing

    def server(self) -> Occurrences:
        store = MemoryStore(self.shelf)
        return Occurrences(store.standing, store, SystemClock())

    async def starts(self) -> list[Start]:
        return (await self.standing.starts(limit=1000))[::-1]

    async def run(self, run_id: str, status: str = "", workflow: str = "build", finished: float = 100.0) -> None:
        """A run that ended so, or is under way."""
        lease = await self.store.create(
            run_id, "pid 1", recorded(started()), summary(run_id, workflow=workflow, status="running")
        )
        if status:
            over = summary(run_id, workflow=workflow, status=status, finished=finished)
            await self.store.append(lease, recorded(e.RunFinished("succeeded"), after=1), over, True)


@pytest.fixture
def house() -> House:
    return House()


async def test_the_end_of_a_run_starts_once_by_however_many_servers(house: House) -> None:
    await house.standing.put_trigger(BUILT)
    servers = [house.server(), house.server()]
    await house.run("going")
    await house.run("good", "succeeded")
    await house.run("bad", "failed")
    await house.run("other", "failed", workflow="deploy")
    for _ in range(2):
        await asyncio.gather(*(server.look() for server in servers))
    (start,) = await house.starts()
    assert (start.key, start.cause, start.workflow) == ("run:built:bad", "run:built", "report")
    assert start.parameters == {"run": "bad"}
    assert (await house.standing.triggers())[0].count == 1


async def test_any_end_counts_where_none_is_named(house: House) -> None:
    await house.standing.put_trigger(replace(BUILT, config={"workflow": "build", "status": "", "since": 0.0}))
    for status in ("succeeded", "failed", "cancelled"):
        await house.run(status, status)
    await house.server().look()
    assert {start.key for start in await house.starts()} == {
        f"run:built:{each}" for each in ("succeeded", "failed", "cancelled")
    }


async def test_what_ended_before_it_counts_and_while_it_was_paused_starts_nothing(house: House) -> None:
    await house.run("old", "failed", finished=50.0)
    await house.standing.put_trigger(replace(BUILT, config={**BUILT.config, "since": 60.0}, paused=True))
    await house.run("paused", "failed", finished=70.0)
    await house.server().look()
    assert await house.starts() == []
    await house.standing.put_trigger(replace(BUILT, config={**BUILT.config, "since": 80.0}))
    await house.run("new", "failed", finished=90.0)
    await house.server().look()
    assert [start.key for start in await house.starts()] == ["run:built:new"]


def inbox(folder: Path, **changes: object) -> Trigger:
    return Trigger("inbox", "report", "file", {"glob": f"{folder}/*.csv", "give": "path", "since": 0.0}, **changes)  # type: ignore[arg-type]  # what a test says


async def test_a_content_starts_once(house: House, tmp_path: Path) -> None:
    trigger, file = inbox(tmp_path), tmp_path / "a.csv"
    await house.standing.put_trigger(trigger)
    server = house.server()
    (tmp_path / "a.txt").write_text("no")
    file.write_text("one")
    await server.changed(trigger)
    os.utime(file)
    await house.server().changed(trigger)
    assert [start.parameters for start in await house.starts()] == [{"path": str(file)}]
    file.write_text("two")
    (tmp_path / "b.csv").write_text("one")
    await asyncio.gather(server.changed(trigger), house.server().changed(trigger))
    file.write_text("one")
    await server.changed(trigger)
    assert [start.parameters["path"] for start in await house.starts()] == [
        str(file),
        str(file),
        str(tmp_path / "b.csv"),
    ]


async def test_what_was_there_before_starts_nothing(house: House, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one")
    later = os.stat(tmp_path / "a.csv").st_ctime + 1
    trigger = replace(inbox(tmp_path), config={**inbox(tmp_path).config, "since": later})
    await house.server().changed(trigger)
    assert await house.starts() == []


async def test_a_folder_is_watched_from_when_it_comes_and_a_trigger_from_when_it_is_added(
    house: House, tmp_path: Path
) -> None:
    watching = asyncio.create_task(house.server().run())
    try:
        await house.standing.put_trigger(inbox(tmp_path / "in"))
        await house.standing.put_trigger(replace(inbox(tmp_path / "off"), id="off", paused=True))
        for name in ("off", "in"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.csv").write_text("one")
        async with asyncio.timeout(60):
            while not await house.starts():
                await asyncio.sleep(0.05)
            (tmp_path / "in" / "b.csv").write_text("two")
            while len(await house.starts()) < 2:
                await asyncio.sleep(0.05)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert {start.cause for start in await house.starts()} == {"file:inbox"}
