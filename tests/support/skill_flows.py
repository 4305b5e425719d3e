"""Workflows as YAML on the real engine and a clock of the test's, with the real skills of a workspace."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from skills.invoke import Invoker
from skills.process import environment
from skills.step import SkillStep
from tests.support.catalogue import Listed
from tests.support.clocks import VirtualClock
from tests.support.flows import Flow
from tests.support.skill_calls import workspace_registry
from workflows.bus import Bus
from workflows.clock import Clock
from workflows.engine.driver import Driver
from workflows.journal.memory import MemoryStore
from workflows.steps.kind import Entry


async def told(bus: Bus, condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, looking after each commit."""
    heard = asyncio.Event()
    unsubscribe = bus.subscribe(lambda _: heard.set())
    async with asyncio.timeout(60):
        while not condition():
            await heard.wait()
            heard.clear()
    unsubscribe()


async def pass_wait(driver: Driver, clock: VirtualClock, bus: Bus, step: str, name: str) -> None:
    """Let a wait of a step begin, by its name, and move the clock to its end."""
    await told(bus, lambda: name in driver.committed.steps[step].timers)
    await clock.advance(max(0.0, driver.committed.steps[step].timers[name] - clock.now()))


class SkillFlow(Flow):
    """A Flow whose skill steps call what is in the workspace `root` and in the library. To be closed."""

    def __init__(self, root: Path, store: MemoryStore | None = None, clock: Clock | None = None) -> None:
        super().__init__(store, clock=clock)
        self.root = root
        registry, environ = workspace_registry(root), environment(os.environ)
        self.invoker = Invoker(environ, registry)
        self.kinds["skill"] = SkillStep(registry, self.invoker, environ, root.parent / "backups")
        entries = (
            Entry("skill", name, parameters=each.parameters, effect=each.effect, undo=each.undo)
            for name, each in registry.snapshot.skills.items()
        )
        self.catalogue = Listed(*entries)

    async def close(self) -> None:
        await self.engine.close()
        await self.invoker.aclose()
