"""LlamaIndex workflows. They keep nothing by themselves: a context can be saved where the caller says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflows.events import Event, StartEvent, StopEvent

from workflows import Context, Workflow, step


class Tick(Event):
    value: int
    steps: int


class Work(Event):
    number: int
    width: int


class Done(Event):
    value: int
    width: int


class Chain(Workflow):
    @step
    async def begin(self, event: StartEvent) -> Tick:
        return Tick(value=0, steps=event.steps)

    @step
    async def count(self, event: Tick) -> Tick | StopEvent:
        value = event.value + 1
        return StopEvent(result=value) if value == event.steps else Tick(value=value, steps=event.steps)


class FanOut(Workflow):
    @step
    async def begin(self, context: Context, event: StartEvent) -> Work | None:
        for number in range(event.width):
            context.send_event(Work(number=number, width=event.width))
        return None

    @step(num_workers=200)
    async def each(self, event: Work) -> Done:
        return Done(value=event.number + 1, width=event.width)

    @step
    async def join(self, context: Context, event: Done) -> StopEvent | None:
        found = context.collect_events(event, [Done] * event.width)
        return None if found is None else StopEvent(result=sum(each.value for each in found))


class Contestant:
    packages: tuple[str, ...] = ("llama-index-workflows",)

    def __init__(self, folder: Path, trace: Callable[[int], None]) -> None:
        self._loop = asyncio.new_event_loop()

    def chain(self, steps: int) -> Callable[[], Any]:
        return lambda: self._loop.run_until_complete(self._run(Chain(timeout=None), steps=steps))

    def fan_out(self, width: int) -> Callable[[], Any]:
        return lambda: self._loop.run_until_complete(self._run(FanOut(timeout=None), width=width))

    def many(self, runs: int, steps: int) -> Callable[[], Any]:
        async def at_once() -> int:
            workflow = Chain(timeout=None)
            return sum(await asyncio.gather(*(self._run(workflow, steps=steps) for _ in range(runs))))

        return lambda: self._loop.run_until_complete(at_once())

    def long(self, steps: int, resume: bool) -> Callable[[], Any]:
        raise NotImplementedError

    def fill(self, runs: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._loop.close()

    @staticmethod
    async def _run(workflow: Any, **given: int) -> Any:
        return await workflow.run(**given)
