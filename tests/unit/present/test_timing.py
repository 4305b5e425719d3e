"""How long steps took: people are not waited for at the step's expense."""

from __future__ import annotations

import asyncio

from app.present.ending import statistics
from app.present.run import run_document
from app.present.steps import step_lines
from app.present.timing import seconds_at_work, seconds_for_people
from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from workflows.errors import fail

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


async def test_what_is_at_work_in_a_living_process_took_until_now() -> None:
    flow = Flow()
    begun, over = asyncio.Event(), asyncio.Event()

    async def slow(deed: Deed) -> None:
        begun.set()
        await over.wait()

    flow.world.acts["slow"] = slow
    driver = await flow.start(steps("- {id: slow, type: do}"))
    await begun.wait()
    state = driver.state
    now = state.updated + 42
    assert [line.split()[-2:] for line in step_lines(state, now)] == [["42", "s"]]
    assert [line.split()[-2:] for line in step_lines(state)] == [["0.0", "s"]], "of a process that is gone nobody knows"
    assert statistics(state, now, alive=True)["at_work_s"] == 42
    assert statistics(state, now)["at_work_s"] == 0
    document = run_document(state, now=now)
    assert (document["steps"][0]["duration_s"], document["statistics"]["at_work_s"]) == (42, 42)
    over.set()
    await flow.finished(driver)


async def test_a_call_that_was_made_again_failed_as_often_as_it_failed() -> None:
    flow = Flow()
    outcomes = iter([fail("transient", "no"), fail("transient", "no")])

    async def flaky(deed: Deed) -> str:
        if (fault := next(outcomes, None)) is not None:
            raise fault
        return "done"

    flow.world.acts["a"] = flaky
    state = await flow.run(steps("- {id: a, type: do, retry: {max_attempts: 3, delay: 0}}"))
    assert state.status == "succeeded"
    assert statistics(state, state.updated)["calls"] == {"total": 3, "failed": 2}
