"""A run whose journal cannot be written: it waits where a person is, and stops with words where nobody is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.cli.asker import Reply
from app.cli.conduct import REFUSED_AT_MOST, Conductor, Ending, Manner, Script
from app.cli.output import Output
from app.container import open_services
from app.desk import Desk
from app.paths import Paths
from tests.support.clocks import VirtualClock
from tests.support.plans import chain, step
from tests.support.stage import Cast, kinds
from workflows.bus import Committed, Notice, Stuck
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.journal.port import StoreError
from workflows.planning.plan import Plan


@dataclass
class Scene:
    """A desk on a clock that stands still, and when its journal refused."""

    desk: Desk
    clock: VirtualClock
    cast: Cast
    journal: Path
    refused: list[float]
    begun: asyncio.Event

    def conduct(self, what: Plan, *, attended: bool, script: Script | None = None) -> asyncio.Task[Ending]:
        manner = Manner(attended, "ada", script)
        conductor = Conductor(self.desk, Output(plain=True), manner)
        services = self.desk.services

        async def begin() -> Driver:
            return await services.engine.start(
                what, workflow="play", source="", parameters={}, root=services.paths.root, attended=attended
            )

        return asyncio.create_task(conductor.conduct(begin))

    async def until(self, condition: Callable[[], object], pace: float = 1) -> None:
        """Let time pass until the condition holds: so many seconds for each moment that a thread has to answer."""
        async with asyncio.timeout(60):
            while not condition():
                await self.clock.advance(pace)
                await asyncio.sleep(0.001)

    def lose(self) -> None:
        self.journal.rename(self.journal.with_name("aside.db"))

    def put_back(self) -> None:
        self.journal.with_name("aside.db").rename(self.journal)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    root = tmp_path / "project"
    root.mkdir()
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "log", root)
    clock, cast, refused, begun = VirtualClock(), Cast(), list[float](), asyncio.Event()
    async with open_services(paths, {"PATH": "/usr/bin:/bin"}) as opened:
        engine = Engine(opened.store, kinds(cast), opened.bus, clock)

        def hear(notice: Notice) -> None:
            if isinstance(notice, Stuck):
                refused.append(clock.now())
            elif isinstance(notice, Committed) and any(each.attempts for each in notice.state.steps.values()):
                begun.set()

        opened.bus.subscribe(hear)
        services = replace(opened, clock=clock, kinds=kinds(cast), engine=engine)
        try:
            yield Scene(Desk(services), clock, cast, paths.journal / "journal.db", refused, begun)
        finally:
            await engine.close()


async def test_where_nobody_is_it_stops_after_a_while(scene: Scene) -> None:
    ending = scene.conduct(chain(step("a", "play")), attended=False)
    await scene.begun.wait()
    scene.lose()
    scene.cast["a"].end(1)
    await scene.until(ending.done)
    with pytest.raises(StoreError, match=r"could not be written for 60 seconds.*moved or deleted") as caught:
        await ending
    assert "understudy resume" in caught.value.hint
    assert scene.refused[-1] - scene.refused[0] >= REFUSED_AT_MOST


async def test_an_answer_that_cannot_be_written_does_not_keep_it(scene: Scene) -> None:
    def script(card: object) -> Reply:
        scene.lose()
        return Reply("approve")

    ending = scene.conduct(chain(step("a", "play", approve=True)), attended=False, script=script)
    await scene.until(ending.done)
    with pytest.raises(StoreError, match="could not be written"):
        await ending


async def test_a_short_refusal_is_waited_for(scene: Scene) -> None:
    ending = scene.conduct(chain(step("a", "play"), step("b", "play")), attended=False)
    await scene.begun.wait()
    for name in ("a", "b"):
        scene.lose()
        scene.cast[name].end(1)
        scene.refused.clear()
        await scene.until(lambda: len(scene.refused) > 5, pace=0.05)
        scene.begun.clear()
        scene.put_back()
        await scene.until(scene.begun.is_set)
    await scene.until(ending.done)
    assert (await ending).state.status == "succeeded"


async def test_where_a_person_is_it_waits(scene: Scene) -> None:
    ending = scene.conduct(chain(step("a", "play")), attended=True)
    await scene.begun.wait()
    scene.lose()
    scene.cast["a"].end(1)
    await scene.until(lambda: len(scene.refused) > 100)
    assert not ending.done()
    scene.put_back()
    await scene.until(ending.done)
    assert (await ending).state.status == "succeeded"
