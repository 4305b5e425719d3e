"""Understudy, as a program that has the engine in it: the SQLite store (`synchronous=FULL`), workflows as YAML text.

A step of the kind `count` is what a peer's step is, a Python function of this process. It is called as every effect is:
the intent is durable before it, its result before anything that follows acts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from workflows.bus import Bus
from workflows.clock import SystemClock
from workflows.definition.parameters import bind
from workflows.definition.parse import parse
from workflows.embedding import step_kind
from workflows.engine.engine import Engine
from workflows.journal.sqlite import SqliteStore
from workflows.planning.make import make_plan
from workflows.runs.summary import summarise
from workflows.steps import built_in
from workflows.steps.kind import Entry, StepKind, What

T = TypeVar("T")


class Nothing:
    """The catalogue of workflows that name neither a skill nor an agent."""

    def find(self, what: What, name: str) -> Entry | None:
        return None

    def names(self, what: What) -> Sequence[str]:
        return ()


def chain_text(steps: int, step: str = "type: count, parameters: {number: @}") -> str:
    """A workflow of steps one after the other. `@` stands for what the one before came to."""
    lines = ["name: Chain", "steps:"]
    for number in range(steps):
        before = f'"${{{{ steps.s{number - 1}.output }}}}"' if number else "0"
        lines.append(f"  - {{id: s{number}, {step.replace('@', before)}}}")
    return "\n".join([*lines, f'outputs: {{value: "${{{{ steps.s{steps - 1}.output }}}}"}}', ""])


def fan_out_text(width: int) -> str:
    """A workflow of one step for each of many items, and one that joins them."""
    return f"""\
name: Fan-out
parameters:
  - {{name: items, type: array, required: true}}
steps:
  - id: each
    type: count
    parameters: {{number: "${{{{ item }}}}"}}
    foreach: {{in: "${{{{ parameters.items }}}}", max_parallel: {width}}}
  - {{id: join, type: count, parameters: {{number: "${{{{ (steps.each.output | sum) - 1 }}}}"}}}}
outputs: {{value: "${{{{ steps.join.output }}}}"}}
"""


class Contestant:
    packages: tuple[str, ...] = ("understudy",)

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._loop = asyncio.new_event_loop()
        self._folder = folder

        async def count(number: int) -> int:
            trace(number)
            return number + 1

        kinds = (*built_in(), step_kind("count", count, "idempotent"))
        self._kinds: Mapping[str, StepKind] = {kind.name: kind for kind in kinds}
        self._store, self._engine = self._wait_for(self._open())

    async def _open(self) -> tuple[SqliteStore, Engine]:
        store = await SqliteStore.open(self._folder)
        return store, Engine(store, self._kinds, Bus(), SystemClock())

    def chain(self, steps: int) -> Callable[[], Any]:
        run = self._prepared(chain_text(steps))
        return lambda: self._wait_for(run())

    def fan_out(self, width: int) -> Callable[[], Any]:
        run = self._prepared(fan_out_text(width), items=list(range(width)))
        return lambda: self._wait_for(run())

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        run = self._prepared(chain_text(steps))

        async def at_once() -> int:
            return sum(await asyncio.gather(*(run() for _ in range(runs))))

        return lambda: self._wait_for(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        return lambda: self._wait_for(self._resumed() if resume else self._prepared(chain_text(steps))())

    def fill(self, runs: int) -> None:
        self._wait_for(self._fill(runs))

    def close(self) -> None:
        async def closed() -> None:
            await self._engine.close()
            await self._store.close()

        self._wait_for(closed())
        self._loop.close()

    def _prepared(self, text: str, **given: Any) -> Callable[[], Awaitable[int]]:
        parsed = parse(text, "benchmark.yaml", self._kinds, Nothing())
        assert parsed.workflow is not None, parsed.diagnostics
        assert not parsed.diagnostics, parsed.diagnostics
        plan = make_plan(parsed.workflow, self._kinds, Nothing())
        parameters = bind(parsed.workflow.parameters, given)

        async def run() -> int:
            driver = await self._engine.start(
                plan, workflow="benchmark", source=text, parameters=parameters, root=self._folder
            )
            return await self._outcome(driver.state.run_id)

        return run

    async def _outcome(self, run_id: str) -> int:
        state = await self._engine.finished(run_id)
        assert state.status == "succeeded", state.status
        value: int = state.outputs["value"]
        return value

    async def _resumed(self) -> int:
        driver = await self._engine.resume(await self._store.resolve("last"))
        return await self._outcome(driver.state.run_id)

    async def _fill(self, runs: int) -> None:
        """Copies of a real run, each with all its events: what is in the journal is what so many runs leave."""
        await self._prepared(chain_text(5))()
        run_id = await self._store.resolve("last")
        events, state = await self._store.read(run_id), await self._engine.state(run_id)
        for start in range(0, runs, 500):
            names = [f"{number:08x}" for number in range(start, min(start + 500, runs))]
            summaries = (replace(summarise(state), run_id=name) for name in names)
            creating = (self._store.create(s.run_id, self._engine.owner, events, s) for s in summaries)
            await asyncio.gather(*map(self._store.release, await asyncio.gather(*creating)))

    def _wait_for(self, work: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await work

        return self._loop.run_until_complete(waiting())
