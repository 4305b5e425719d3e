"""Burr with its SQLite persisters as they come: one commit after each action.

A chain takes the synchronous one, which is quicker for it; runs side by side need the other. Graphs are made before.
An application is one run: it has the run's id, and looks whether there is a state to go on with. So making it begins
the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from burr.core import ApplicationBuilder, State, action
from burr.core.graph import Graph, GraphBuilder
from burr.core.parallelism import MapStates
from burr.core.persistence import SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister


class FanOut(MapStates):
    """One action over many states."""

    width: int

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def is_async(self) -> bool:
        return True

    def action(self, state: Any, inputs: Any) -> Any:
        @action(reads=["number"], writes=["number"])
        async def each(state: Any) -> Any:
            return state.update(number=state["number"] + 1)

        return each

    async def states(self, state: Any, context: Any, inputs: Any) -> Any:
        for number in range(self.width):
            yield state.update(number=number)

    async def reduce(self, state: Any, states: Any) -> Any:
        return state.update(value=sum([each["number"] async for each in states]))

    @property
    def reads(self) -> list[str]:
        return []

    @property
    def writes(self) -> list[str]:
        return ["value"]


class Contestant:
    packages: tuple[str, ...] = ("burr",)

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._trace = trace
        self._loop = asyncio.new_event_loop()
        self._persister = self._loop.run_until_complete(self._open(folder / "burr.db"))
        self._alone = SQLitePersister(str(folder / "burr.db"))

    @staticmethod
    async def _open(path: Path) -> AsyncSQLitePersister:
        persister = await AsyncSQLitePersister.from_values(str(path))
        await persister.initialize()
        return persister

    def chain(self, steps: int) -> Callable[[], Any]:
        return self._alone_run(steps, lambda: uuid4().hex)

    def fan_out(self, width: int) -> Callable[[], Any]:
        graph = GraphBuilder().with_actions(s0=FanOut(width)).build()

        async def run() -> int:
            builder = ApplicationBuilder().with_graph(graph).with_entrypoint("s0").with_state(State({}))
            builder = builder.with_state_persister(self._persister).with_identifiers(app_id=uuid4().hex)
            return await self._run(await builder.abuild(), 1)

        return lambda: self._loop.run_until_complete(run())

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        graph = self._graph(steps)

        async def run() -> int:
            return await self._run(await self._builder(graph, uuid4().hex, self._persister).abuild(), steps)

        async def at_once() -> int:
            return sum(await asyncio.gather(*(run() for _ in range(runs))))

        return lambda: self._loop.run_until_complete(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        return self._alone_run(steps, lambda: "long")

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._alone.connection.close()
        self._loop.run_until_complete(self._persister.cleanup())

    def _alone_run(self, steps: int, name: Callable[[], str]) -> Callable[[], Any]:
        graph = self._graph(steps)

        def run() -> int:
            *_, state = self._builder(graph, name(), self._alone).build().run(halt_after=[f"s{steps - 1}"])
            value: int = state["value"]
            return value

        return run

    def _graph(self, steps: int) -> Graph:
        @action(reads=["value"], writes=["value"])
        def count(state: Any) -> Any:
            self._trace(state["value"])
            return state.update(value=state["value"] + 1)

        builder = GraphBuilder().with_actions(**{f"s{number}": count for number in range(steps)})
        return builder.with_transitions(*((f"s{number - 1}", f"s{number}") for number in range(1, steps))).build()

    @staticmethod
    def _builder(graph: Graph, name: str, persister: Any) -> Any:
        builder = ApplicationBuilder().with_graph(graph).with_identifiers(app_id=name)
        builder = builder.initialize_from(
            persister, resume_at_next_action=True, default_state={"value": 0}, default_entrypoint="s0"
        )
        return builder.with_state_persister(persister)

    @staticmethod
    async def _run(application: Any, steps: int) -> int:
        *_, state = await application.arun(halt_after=[f"s{steps - 1}"])
        value: int = state["value"]
        return value
