"""How long steps took: people are not waited for at the step's expense."""

from __future__ import annotations

import asyncio

from app.present.timing import seconds_at_work, seconds_for_people
from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until

SIDE_BY_SIDE = steps("""
    - id: both
      type: parallel
      steps:
        - {id: gate, type: approval, show: Go?}
        - {id: slow, type: do}
""")


async def test_a_question_s_time_is_no_work() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: gate, type: approval, show: Go?}"), attended=True)
    await flow.waiting(driver)
    await flow.clock.advance(3600)
    await driver.answer("gate:1", "approve")
    state = await flow.finished(driver)
    assert seconds_at_work(state, state.steps["gate"], state.updated) == 0
    assert seconds_for_people(state, state.updated) == 3600


async def test_what_goes_on_beside_a_question_is_work_of_what_holds_both() -> None:
    flow = Flow()

    begun, over = asyncio.Event(), asyncio.Event()

    async def slow(deed: Deed) -> None:
        begun.set()
        await over.wait()

    flow.world.acts["both>slow"] = slow
    driver = await flow.start(SIDE_BY_SIDE, attended=True)
    await flow.waiting(driver)
    await begun.wait()
    await flow.clock.advance(10)
    over.set()
    await until(lambda: driver.committed.steps["both>slow"].status == "succeeded")
    waiting = driver.committed
    assert seconds_at_work(waiting, waiting.steps["both"], waiting.updated + 500) == 10
    assert seconds_at_work(waiting, waiting.steps["both>gate"], waiting.updated + 500) == 0
    await flow.clock.advance(90)
    await driver.answer("both>gate:1", "approve")
    state = await flow.finished(driver)
    assert seconds_at_work(state, state.steps["both"], state.updated) == 10
    assert seconds_at_work(state, state.steps["both>slow"], state.updated) == 10


async def test_what_never_began_took_no_time_at_all() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: gate, type: approval, show: Go?}\n- {id: after, type: do}"), attended=True)
    await flow.waiting(driver)
    assert seconds_at_work(driver.committed, driver.committed.steps["after"], 1e9) is None
    driver.stop("enough")
    await flow.finished(driver)
