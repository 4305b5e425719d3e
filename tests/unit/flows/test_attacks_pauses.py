"""Pausing at odd moments."""

from __future__ import annotations

import asyncio

from tests.support.flows import Flow, steps
from tests.support.plans import until
from tests.unit.flows.test_failures import for_ever


async def test_a_paused_run_can_be_cancelled_and_still_finishes() -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start("name: C\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}")
    await until(lambda: "long" in flow.done)
    await driver.pause()
    driver.cancel()
    async with asyncio.timeout(60):
        state = await flow.finished(driver)
    assert (state.status, flow.done) == ("cancelled", ["long", "tidy"])


async def test_a_run_that_goes_on_after_a_pause_waits_where_it_waited() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: which, type: question, ask: Which?}"))
    await flow.waiting(driver)
    assert driver.state.status == "waiting"
    await driver.pause()
    await driver.proceed()
    assert driver.state.status == "waiting"
    driver.stop("enough")


async def test_nothing_is_recorded_by_a_pause_after_the_end() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: a, type: do}"))
    await flow.finished(driver)
    async with asyncio.timeout(60):
        await driver.pause()
        await driver.proceed()
    assert driver.state.status == "succeeded"
