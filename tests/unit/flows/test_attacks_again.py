"""Steps done again at a person's word: what is reached, and what must be over before."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import failing
from workflows.errors import UnderstudyError

BESIDE = """
name: Beside
stages:
  - name: all
    parallel: true
    steps:
      - {id: build, type: do}
      - {id: beside, type: KIND, needs: [build]}
      - {id: check, type: do, needs: [build]}
      - {id: last, type: do, needs: [check, beside]}
"""


async def test_an_earlier_step_is_not_done_again_under_one_that_still_runs() -> None:
    flow = Flow()
    gate = asyncio.Event()

    async def slow(deed: Deed) -> Any:
        await gate.wait()
        return {"did": deed.step}

    flow.world.acts["beside"] = slow
    flow.world.acts["check"] = failing(1)
    driver = await flow.start(BESIDE.replace("KIND", "unsafe"), attended=True)
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    with pytest.raises(UnderstudyError, match="under way"):
        await driver.answer(inquiry.asked.entry, "retry_from", "build", by="ada")
    gate.set()
    await until(lambda: driver.committed.steps["beside"].over)
    await driver.answer(inquiry.asked.entry, "retry_from", "build", by="ada")
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert flow.done == ["build", "beside", "check", "build", "beside", "check", "last"]
    assert await flow.replayed(state.run_id) == state


async def test_doing_again_from_a_step_reaches_what_stands_in_another_order_than_it_is_done() -> None:
    flow = Flow()
    flow.world.acts["x"] = failing(1)
    driver = await flow.start(
        """
        name: Mixed
        stages:
          - name: all
            parallel: true
            steps:
              - {id: c, type: do}
              - {id: a, type: do, needs: [b]}
              - {id: b, type: do, needs: [c]}
              - {id: x, type: do, needs: [a]}
        """,
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "retry_from", "c", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["c", "b", "a", "x", "c", "b", "a", "x"])


async def test_only_what_a_step_comes_after_is_offered_to_be_done_again() -> None:
    flow = Flow()
    flow.world.acts["x"] = failing(1)
    driver = await flow.start(
        """
        name: Two ways
        stages:
          - name: all
            parallel: true
            steps: [{id: other, type: do}, {id: a, type: do}, {id: x, type: do, needs: [a]}]
        """,
        attended=True,
    )
    await flow.waiting(driver)
    await until(lambda: "other" in flow.done)
    entry = driver.committed.open_inquiries[0].asked.entry
    with pytest.raises(UnderstudyError, match="no earlier step"):
        await driver.answer(entry, "retry_from", "other", by="ada")
    await driver.answer(entry, "retry_from", "a", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_a_cached_step_that_a_person_has_done_again_is_done_again() -> None:
    flow = Flow()
    flow.world.acts["b"] = failing(1)
    driver = await flow.start(steps("- {id: a, type: do, cache: true}\n- {id: b, type: do}"), attended=True)
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "retry_from", "a", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["a", "b", "a", "b"])
