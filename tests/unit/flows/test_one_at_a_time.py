"""A parallel stage with room for one step at a time."""

from __future__ import annotations

from tests.support.flows import Flow
from tests.support.plans import until


async def test_a_step_may_need_one_that_stands_behind_it() -> None:
    flow = Flow()
    state = await flow.run("""
        name: Breakfast
        stages:
          - name: kitchen
            parallel: true
            max_parallel: 1
            steps:
              - {id: table, type: do}
              - {id: tea, type: do, with_: "${{ steps.water.output }}"}
              - {id: eggs, type: do, with_: "${{ steps.water.output }}"}
              - {id: water, type: do}
        """)
    assert state.status == "succeeded"
    assert flow.done == ["water", "table", "tea", "eggs"]  # the longest path ahead comes first


async def test_a_step_that_waits_for_a_person_leaves_its_place() -> None:
    flow = Flow()
    driver = await flow.start("""
        name: Two things
        stages:
          - name: one
            parallel: true
            max_parallel: 1
            steps:
              - {id: asked, type: approval, show: "Go on?"}
              - {id: other, type: do}
        """)
    await flow.waiting(driver)
    await until(lambda: driver.committed.steps["other"].over)
    assert driver.committed.status == "waiting"
    await driver.answer("asked:1", "approve")
    assert (await flow.finished(driver)).status == "succeeded"
