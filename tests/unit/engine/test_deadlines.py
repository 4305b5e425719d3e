"""Deadlines count the step's own work, however many of its calls wait for others at once."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from tests.support.clocks import leap
from tests.support.flows import Do, Flow, steps
from workflows.engine.deadlines import Deadlines
from workflows.steps.context import Result


async def test_they_stand_still_until_the_last_of_several_is_done_waiting() -> None:
    deadlines = Deadlines()
    short, long = asyncio.Event(), asyncio.Event()
    leap(0)
    async with deadlines.within(500, 500):
        first = asyncio.create_task(deadlines.outside(short.wait()))
        second = asyncio.create_task(deadlines.outside(long.wait()))
        await asyncio.sleep(0)
        short.set()
        await first
        leap(600)
        await asyncio.sleep(0)
        long.set()
        await second
    assert deadlines.passed == ""


async def test_they_go_on_when_waiting_ends() -> None:
    deadlines = Deadlines()

    async def work() -> None:
        async with deadlines.within(0.02, None):
            await deadlines.outside(asyncio.sleep(0))
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await work()
    assert "longer than its 0.02 s" in deadlines.passed


@pytest.mark.parametrize("limits", [(None, 0.02), (0.02, 10.0)])
async def test_signs_of_life_of_what_is_being_ended_or_has_ended_do_no_harm(limits: Any) -> None:
    deadlines = Deadlines()

    async def work() -> None:
        async with deadlines.within(*limits):
            try:
                await asyncio.Event().wait()
            finally:
                deadlines.alive()
                assert await deadlines.outside(asyncio.sleep(0, "told")) == "told"

    with pytest.raises(TimeoutError):
        await work()
    deadlines.alive()
    assert await deadlines.outside(asyncio.sleep(0, "told")) == "told"


async def test_nothing_is_limited_outside_of_an_attempt() -> None:
    deadlines = Deadlines()
    deadlines.alive()
    assert await deadlines.outside(asyncio.sleep(0, 1)) == 1
    async with deadlines.within(60, 60):
        deadlines.alive()
    deadlines.alive()
    assert deadlines.passed == ""


async def test_the_end_of_a_call_is_a_sign_of_life() -> None:
    seen: list[float | None] = []

    class Watching(Do):
        name: ClassVar[str] = "watching"

        async def run(self, ctx: Any) -> Any:
            async def act(key: str) -> Result:
                seen.append(ctx.deadlines._limits[1].when())
                await asyncio.sleep(0.001)
                return Result(None)

            await ctx.call("one", {}, "pure", act)
            seen.append(ctx.deadlines._limits[1].when())

    flow = Flow()
    flow.kinds["watching"] = Watching(flow.world)
    assert (await flow.run(steps("- {id: a, type: watching, idle_timeout: 30}"))).status == "succeeded"
    assert seen[0] is not None
    assert seen[1] is not None
    assert seen[1] > seen[0]
