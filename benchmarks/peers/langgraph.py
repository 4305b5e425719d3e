"""LangGraph with its SQLite saver. `DURABILITY=sync` awaits each checkpoint, with SQLite's synchronous=FULL set.

By default it writes a checkpoint while the next step already runs.
"""

from __future__ import annotations

import asyncio
import operator
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import uuid4

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

DURABILITY: Any = os.environ.get("DURABILITY", "async")


class Counting(TypedDict):
    value: int


class Gathering(TypedDict):
    values: Annotated[list[int], operator.add]
    value: int


class Contestant:
    packages: tuple[str, ...] = ("langgraph", "langgraph-checkpoint-sqlite")

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._trace = trace
        self._loop = asyncio.new_event_loop()
        self._saver = self._loop.run_until_complete(self._open(folder / "checkpoints.db"))

    @staticmethod
    async def _open(path: Path) -> AsyncSqliteSaver:
        connection = await aiosqlite.connect(path)
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        if DURABILITY == "sync":
            await connection.execute("PRAGMA synchronous=FULL")
        return saver

    def chain(self, steps: int) -> Callable[[], Any]:
        graph = self._chain(steps)
        return lambda: self._loop.run_until_complete(self._run(graph, {"value": 0}, steps))

    def fan_out(self, width: int) -> Callable[[], Any]:
        async def each(state: Any) -> Any:
            return {"values": [state["number"] + 1]}

        async def join(state: Any) -> Any:
            return {"value": sum(state["values"])}

        building = StateGraph(Gathering)
        building.add_node("each", each)
        building.add_node("join", join)
        building.add_conditional_edges(
            START, lambda state: [Send("each", {"number": number}) for number in range(width)], ["each"]
        )
        building.add_edge("each", "join")
        building.add_edge("join", END)
        graph = building.compile(checkpointer=self._saver)
        return lambda: self._loop.run_until_complete(self._run(graph, {"values": []}, width))

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        graph = self._chain(steps)

        async def at_once() -> int:
            return sum(await asyncio.gather(*(self._run(graph, {"value": 0}, steps) for _ in range(runs))))

        return lambda: self._loop.run_until_complete(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        graph = self._chain(steps)
        return lambda: self._loop.run_until_complete(
            self._run(graph, None if resume else {"value": 0}, steps, name="long")
        )

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._loop.run_until_complete(self._saver.conn.close())

    def _chain(self, steps: int) -> Any:
        async def count(state: Any) -> Any:
            self._trace(state["value"])
            return {"value": state["value"] + 1}

        building = StateGraph(Counting)
        for number in range(steps):
            building.add_node(f"s{number}", count)
            building.add_edge(f"s{number - 1}" if number else START, f"s{number}")
        building.add_edge(f"s{steps - 1}", END)
        return building.compile(checkpointer=self._saver)

    async def _run(self, graph: Any, given: Any, steps: int, name: str = "") -> int:
        config = {"configurable": {"thread_id": name or uuid4().hex}, "recursion_limit": steps + 10}
        state = await graph.ainvoke(given, config, durability=DURABILITY)
        value: int = state["value"]
        return value
