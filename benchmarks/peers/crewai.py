"""CrewAI flows with `@persist`: the state is written to SQLite after each method.

What is kept is the state, not the place: a flow that was killed begins again at its start, so it has no such row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crewai.flow import Flow, and_, listen, persist, start
from crewai.flow.persistence import SQLiteFlowPersistence
from pydantic import BaseModel


class Counted(BaseModel):
    id: str = ""
    value: int = 0
    values: list[int] = []  # pydantic copies a default


class Contestant:
    packages: tuple[str, ...] = ("crewai",)

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._trace = trace
        self._loop = asyncio.new_event_loop()
        self._persistence = SQLiteFlowPersistence(str(folder / "flows.db"))
        self._chains: dict[int, Any] = {}

    def chain(self, steps: int) -> Callable[[], Any]:
        flow = self._chain(steps)
        return lambda: self._loop.run_until_complete(self._run(flow))

    def fan_out(self, width: int) -> Callable[[], Any]:
        def begin(self: Any) -> None:
            pass

        def join(self: Any) -> int:
            self.state.value = sum(self.state.values)
            value: int = self.state.value
            return value

        def each(number: int) -> Callable[..., None]:
            def method(self: Any) -> None:
                self.state.values.append(number + 1)

            method.__name__ = f"each{number}"
            return method

        methods: dict[str, Any] = {"begin": start()(begin)}
        methods |= {f"each{number}": listen(methods["begin"])(each(number)) for number in range(width)}
        methods["join"] = listen(and_(*(methods[f"each{number}"] for number in range(width))))(join)
        flow = self._flow("FanOut", methods)
        return lambda: self._loop.run_until_complete(self._run(flow))

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        flow = self._chain(steps)

        async def at_once() -> int:
            return sum(await asyncio.gather(*(self._run(flow) for _ in range(runs))))

        return lambda: self._loop.run_until_complete(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        raise NotImplementedError

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass

    def _chain(self, steps: int) -> Any:
        if steps not in self._chains:
            methods: dict[str, Any] = {}
            for number in range(steps):
                when = listen(methods[f"s{number - 1}"]) if number else start()
                methods[f"s{number}"] = when(self._counting(f"s{number}"))
            self._chains[steps] = self._flow(f"Chain{steps}", methods)
        return self._chains[steps]

    def _counting(self, name: str) -> Callable[..., int]:
        trace = self._trace

        def method(self: Any) -> int:
            trace(self.state.value)
            self.state.value += 1
            value: int = self.state.value
            return value

        method.__name__ = name
        return method

    def _flow(self, name: str, methods: dict[str, Any]) -> Any:
        return persist(self._persistence)(type(name, (Flow[Counted],), {**methods, "__module__": __name__}))

    @staticmethod
    async def _run(flow: Any) -> int:
        value: int = await flow(suppress_flow_events=True).kickoff_async()
        return value
