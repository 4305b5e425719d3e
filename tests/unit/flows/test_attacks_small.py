"""Small things that once made a run stand still or fail for nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.clocks import leap
from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import failing
from workflows.journal.port import PostedAnswer


async def test_a_handler_may_name_the_same_twice() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    async with asyncio.timeout(60):
        state = await flow.run("""
        name: Twice
        steps: [{id: bad, type: do}]
        error_handlers: [{error: any, action: continue, steps: [tidy, notify, tidy]}]
        """)
    assert state.status == "succeeded"
    assert flow.done == ["bad", "bad~handler1>tidy", "bad~handler1>notify", "bad~handler1>tidy_2"]


async def test_a_step_that_holds_others_is_not_idle_while_they_work() -> None:
    flow = Flow()

    async def slow(deed: Deed) -> Any:
        leap(30)
        await asyncio.sleep(0.01)
        return 1

    flow.world.acts["both>slow"] = slow
    leap(0)
    state = await flow.run(
        steps("- {id: both, type: parallel, idle_timeout: 20, steps: [{id: slow, type: do}]}"),
    )
    assert state.status == "succeeded"


async def test_an_answer_that_was_left_too_early_is_taken_when_it_fits() -> None:
    flow = Flow()
    gate = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        await gate.wait()
        return {"did": deed.step}

    flow.world.acts["beside"] = slow
    flow.world.acts["check"] = failing(1)
    driver = await flow.start(
        """
        name: Beside
        stages:
          - name: all
            parallel: true
            steps:
              - {id: build, type: do}
              - {id: beside, type: do, needs: [build]}
              - {id: check, type: do, needs: [build]}
        """,
        attended=True,
    )
    await flow.waiting(driver)
    run_id, (inquiry,) = driver.state.run_id, driver.committed.open_inquiries
    await flow.store.post_answer(PostedAnswer(0, run_id, inquiry.asked.entry, "retry_from", "build", "", "bob", ""))
    await flow.clock.advance(2)
    assert driver.state.inquiries[inquiry.asked.entry].open
    gate.set()
    await until(lambda: driver.committed.steps["beside"].over)
    await flow.clock.advance(2)
    state = await flow.finished(driver)
    assert (state.status, flow.done.count("build")) == ("succeeded", 2)
