"""Undoing, rolling back, handling, finishing, while something else stops them: nothing is left half done or hanging."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import doubtful, failing, for_ever
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, Failure
from workflows.runs.state import RunState


async def ended(flow: Flow, driver: Driver) -> RunState:
    async with asyncio.timeout(60):
        return await flow.finished(driver)


def opening(flow: Flow, step: str) -> asyncio.Event:
    """The step acts until the event is set."""
    gate = asyncio.Event()

    async def act(deed: Deed) -> Any:
        await gate.wait()
        return {"did": deed.step}

    flow.world.acts[step] = act
    return gate


async def refused(deed: Deed) -> Any:
    raise CallFailed(Failure("denied", "not trusted"))


CAREFUL = """
name: Careful
steps:
  - {id: a, type: do, undo: {type: do}}
  - {id: b, type: do, undo: {type: do}}
  - {id: bad, type: do, on_failure: rollback, notify: true}
rollback: {steps: [{id: restore, type: do}]}
finally: {steps: [{id: tidy, type: do}]}
"""

BESIDE = steps("""
- id: both
  type: parallel
  steps:
    - {id: call, type: workflow, workflow: careful}
    - {id: other, type: do, on_failure: abort}
""")


async def test_a_child_that_rolls_back_does_so_to_the_end_although_its_sibling_fails() -> None:
    flow = Flow(careful=CAREFUL)
    flow.world.acts["both>call>bad"] = failing()
    undoing = opening(flow, "both>call>b~undo")

    async def other(deed: Deed) -> Any:
        await until(lambda: "both>call>b~undo" in flow.done)
        raise CallFailed(Failure("business", "exit 1"))

    flow.world.acts["both>other"] = other
    driver = await flow.start(BESIDE)
    await until(lambda: "both>other" in driver.committed.steps and driver.committed.steps["both>other"].over)
    undoing.set()
    state = await ended(flow, driver)
    assert [name.removeprefix("both>call>") for name in flow.done[-4:]] == ["b~undo", "a~undo", "restore", "tidy"]
    assert (state.status, state.steps["both>call"].status) == ("failed", "cancelled")


async def test_a_child_that_tells_of_a_failure_is_over_although_its_sibling_fails() -> None:
    child = "name: Child\nsteps: [{id: a, type: do, notify: true}, {id: long, type: do}]"
    flow = Flow(careful=child)
    flow.world.acts["both>call>long"] = for_ever
    telling = opening(flow, "both>call>a~notify")

    async def other(deed: Deed) -> Any:
        await until(lambda: "both>call>a~notify" in flow.done)
        raise CallFailed(Failure("business", "exit 1"))

    flow.world.acts["both>other"] = other
    driver = await flow.start(BESIDE)
    await until(lambda: "both>other" in driver.committed.steps and driver.committed.steps["both>other"].over)
    telling.set()
    state = await ended(flow, driver)
    assert (state.status, state.steps["both>call>a~notify"].status) == ("failed", "succeeded")


async def test_cancelling_ends_what_a_child_undoes_and_still_finishes() -> None:
    flow = Flow(careful=CAREFUL)
    flow.world.acts["both>call>bad"] = failing()
    flow.world.acts["both>call>b~undo"] = for_ever
    flow.world.acts["both>other"] = for_ever
    driver = await flow.start(BESIDE)
    await until(lambda: "both>call>b~undo" in flow.done)
    driver.cancel()
    state = await ended(flow, driver)
    assert (state.status, flow.done[-1]) == ("cancelled", "both>call>tidy")
    assert "both>call>a~undo" not in flow.done


async def test_an_undo_that_is_refused_does_not_keep_the_others_from_being_done() -> None:
    for attended in (False, True):
        flow = Flow()
        flow.world.acts["bad"] = failing()
        flow.world.acts["b~undo"] = refused
        driver = await flow.start(CAREFUL, attended=attended)
        state = await ended(flow, driver)
        assert (state.steps["a"].status, state.steps["b"].status) == ("undone", "succeeded")
        assert "restore" in flow.done


async def test_a_person_who_ends_the_run_at_a_handlers_step_ends_it() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    flow.world.acts["bad~handler1>fix"] = failing()
    driver = await flow.start(
        """
        name: Handled
        steps: [{id: bad, type: do}, {id: after, type: do}]
        error_handlers: [{error: any, action: continue, steps: [fix]}]
        rollback: {steps: [{id: fix, type: do, on_failure: ask}]}
        """,
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "abort", by="ada")
    state = await ended(flow, driver)
    assert (state.status, flow.done) == ("failed", ["bad", "bad~handler1>fix"])


async def test_a_person_who_ends_the_run_at_an_undo_ends_it_through_everything() -> None:
    flow = Flow(careful=CAREFUL)
    flow.world.acts["call>bad"] = failing()
    flow.world.acts["call>b~undo"] = failing()
    driver = await flow.start(
        steps("- {id: call, type: workflow, workflow: careful, on_failure: continue}\n- {id: after, type: do}"),
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "abort", by="ada")
    state = await ended(flow, driver)
    assert (state.status, "after" in flow.done, flow.done[-1]) == ("failed", False, "call>tidy")


async def test_what_a_step_did_before_it_failed_is_undone_too() -> None:
    flow = Flow()
    state = await flow.run(
        steps("""
        - id: write
          type: unsafe
          output_schema: {type: object, required: [other]}
          undo: {type: do}
          on_failure: rollback
        """)
    )
    assert (state.status, flow.done) == ("failed", ["write", "write~undo"])


async def test_what_a_step_only_looked_at_before_it_failed_is_not_undone() -> None:
    flow = Flow()
    await flow.run(
        steps("""
        - {id: look, type: do, output_schema: {type: object, required: [other]}, undo: {type: do}, on_failure: rollback}
        """)
    )
    assert flow.done == ["look"]


async def test_a_loser_of_a_race_that_is_a_workflow_finishes() -> None:
    child = "name: Child\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}"
    flow = Flow(child=child)
    flow.world.acts["race>slow>long"] = for_ever
    gate = opening(flow, "race>fast")
    driver = await flow.start(
        steps("""
        - id: race
          type: parallel
          wait_for: first
          steps: [{id: slow, type: workflow, workflow: child}, {id: fast, type: do}]
        """)
    )
    await until(lambda: "race>slow>long" in flow.done)
    gate.set()
    state = await ended(flow, driver)
    assert (state.status, flow.done[-1]) == ("succeeded", "race>slow>tidy")
    assert state.steps["race"].output == {"fast": {"did": "race>fast"}}


async def test_undoing_goes_on_where_a_crash_cut_it_off_in_a_child() -> None:
    flow = Flow(careful=CAREFUL)
    flow.world.acts["both>call>bad"] = failing()
    flow.world.acts["both>call>b~undo"] = for_ever
    flow.world.acts["both>other"] = for_ever
    driver = await flow.start(BESIDE)
    await until(lambda: "both>call>b~undo" in flow.done)
    await flow.engine.close()
    flow.world.acts.clear()
    again = Flow(flow.store, flow.world, careful=CAREFUL)
    state = await ended(again, await again.engine.resume(driver.state.run_id))
    assert (state.status, state.steps["both>call>a"].status) == ("failed", "undone")
    assert [name for name in again.done if name.endswith("~undo")].count("both>call>a~undo") == 1


async def test_a_second_message_about_a_step_waits_for_no_first_one() -> None:
    flow = Flow()
    gate = opening(flow, "a~notify")
    flow.world.acts["b"] = failing(1)
    driver = await flow.start(steps("- {id: a, type: do, notify: true}\n- {id: b, type: do}"), attended=True)
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "retry_from", "a", by="ada")
    await until(lambda: flow.done.count("b") == 2)
    gate.set()
    state = await ended(flow, driver)
    assert state.status == "succeeded"
    assert all(call.status != "started" for step in state.steps.values() for call in step.calls.values())
    assert await flow.replayed(state.run_id) == state


async def test_time_in_which_nobody_owned_the_run_is_not_time_at_work() -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start("name: T\ntimeout: 1h\nsteps: [{id: long, type: do}]")
    await until(lambda: "long" in flow.done)
    journal = await flow.store.read(driver.state.run_id)
    from workflows.journal.memory import MemoryStore
    from workflows.runs.reduce import replay
    from workflows.runs.summary import summarise

    store = MemoryStore()
    await store.release(await store.create("r", "dead", journal, summarise(replay("r", journal))))
    flow.world.acts.clear()
    again = Flow(store, flow.world)
    await again.clock.advance(100_000)
    state = await ended(again, await again.engine.resume("r"))
    assert (state.status, state.at_work < 60) == ("succeeded", True)


async def test_cancelling_ends_a_verification_and_twice_also_a_message() -> None:
    flow = Flow()
    flow.world.acts["send"] = doubtful()
    flow.world.acts["send~verify"] = for_ever
    flow.world.acts["a~notify"] = for_ever
    driver = await flow.start(
        steps("- {id: a, type: do, notify: true}\n- {id: send, type: unsafe, verify: {type: do, happened: 1 == 1}}")
    )
    await until(lambda: {"send~verify", "a~notify"} <= set(flow.done))
    driver.cancel()
    await until(lambda: driver.committed.steps["send"].over)
    assert not driver.committed.over
    driver.cancel()
    state = await ended(flow, driver)
    assert (state.status, state.steps["send~verify"].status) == ("cancelled", "cancelled")


async def test_the_owner_rests_while_a_stopped_child_finishes() -> None:
    child = "name: Child\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}"
    flow = Flow(child=child)
    flow.world.acts["call>long"] = for_ever
    gate = opening(flow, "call>tidy")
    driver = await flow.start(steps("- {id: call, type: workflow, workflow: child}"))
    await until(lambda: "call>long" in flow.done)
    driver.cancel()
    await until(lambda: "call>tidy" in flow.done)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not driver._wake.is_set()
    assert not driver._ledger.waiting
    gate.set()
    assert (await ended(flow, driver)).status == "cancelled"
