"""What may start, and when: room for handlers, for what is waited for, for what stands beside somebody who waits."""

from __future__ import annotations

import asyncio

from tests.support.flows import Flow
from tests.support.plans import until
from tests.unit.flows.test_failures import doubtful, failing


async def test_a_handlers_steps_find_room_where_only_one_step_may_run() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(1)
    async with asyncio.timeout(60):
        state = await flow.run("""
        name: One at a time
        max_parallel: 1
        steps: [{id: bad, type: do}]
        error_handlers: [{error: any, action: continue, steps: [tidy]}]
        """)
    assert (state.status, flow.done) == ("succeeded", ["bad", "bad~handler1>tidy"])


async def test_a_verification_finds_room_where_only_one_step_may_run() -> None:
    flow = Flow()
    flow.world.acts["send"] = doubtful()
    async with asyncio.timeout(60):
        state = await flow.run("""
        name: One at a time
        max_parallel: 1
        steps: [{id: send, type: unsafe, verify: {type: do, happened: "1 == 1", result: known}}]
        """)
    assert (state.status, state.steps["send"].output) == ("succeeded", "known")


async def test_a_parallel_stage_of_width_one_does_what_is_waited_for_first() -> None:
    flow = Flow()
    async with asyncio.timeout(60):
        state = await flow.run("""
        name: Narrow
        stages:
          - name: narrow
            parallel: true
            max_parallel: 1
            steps: [{id: a, type: do, needs: [b]}, {id: b, type: do}]
        """)
    assert (state.status, flow.done) == ("succeeded", ["b", "a"])


async def test_who_waits_for_a_person_leaves_its_place_in_a_parallel_stage_of_width_one() -> None:
    flow = Flow()
    driver = await flow.start("""
        name: Narrow
        stages:
          - name: narrow
            parallel: true
            max_parallel: 1
            steps: [{id: a, type: do, approve: before}, {id: b, type: do}]
        """)
    await flow.waiting(driver)
    await until(lambda: flow.done == ["b"])
    await driver.answer(driver.state.open_inquiries[0].asked.entry, "approve")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_containers_do_not_take_the_only_place() -> None:
    flow = Flow()
    async with asyncio.timeout(60):
        state = await flow.run("""
        name: One at a time
        max_parallel: 1
        stages:
          - name: all
            parallel: true
            steps:
              - {id: x, type: parallel, steps: [{id: a, type: do}, {id: y, type: parallel, steps: [{id: b, type: do}]}]}
              - {id: z, type: do, foreach: {in: [1, 2], max_parallel: 2}}
        """)
    assert state.status == "succeeded"
    assert sorted(flow.done) == ["x>a", "x>y>b", "z[0]", "z[1]"]
