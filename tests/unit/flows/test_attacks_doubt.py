"""Outcomes that nobody knows: settled before anything is repeated, never forgotten, asked about where it matters."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.clocks import leap
from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import doubtful, failing, for_ever
from workflows.engine.driver import Driver
from workflows.errors import Failure, OutcomeUnknown
from workflows.runs import events as e


def entry(driver: Driver) -> str:
    (inquiry,) = driver.committed.open_inquiries
    return inquiry.asked.entry


def held_back(flow: Flow, step: str, other: str) -> None:
    """The step acts until it is stopped; the other one fails once it does."""
    acting = asyncio.Event()
    left = [1]

    async def act(deed: Deed) -> Any:
        acting.set()
        if left[0]:
            left[0] -= 1
            await asyncio.Event().wait()
        return {"sent": True}

    fails = failing(1)

    async def bad(deed: Deed) -> Any:
        await acting.wait()
        return await fails(deed)

    flow.world.acts[step] = act
    flow.world.acts[other] = bad


BLOCK = steps("""
- {id: before, type: do}
- id: both
  type: parallel
  POLICY
  steps:
    - {id: send, type: unsafe, with_: "${{ steps.before.output.did }}"}
    - {id: bad, type: do, on_failure: abort}
""")


async def test_what_was_cut_off_in_a_block_is_settled_before_the_block_does_it_again() -> None:
    flow = Flow()
    held_back(flow, "both>send", "both>bad")
    driver = await flow.start(BLOCK.replace("POLICY", "retry: {max_attempts: 2, backoff: immediate}"))
    await flow.waiting(driver)
    assert driver.committed.open_inquiries[0].asked.reason == "unknown"
    assert flow.done.count("both>send") == 1
    await driver.answer(entry(driver), "happened", {"typed": 1}, by="ada")
    state = await flow.finished(driver)
    assert (state.status, state.steps["both>send"].output, flow.done.count("both>send")) == (
        "succeeded",
        {"typed": 1},
        1,
    )


async def test_what_was_cut_off_is_settled_also_where_everything_is_done_again() -> None:
    flow = Flow()
    held_back(flow, "both>send", "both>bad")
    driver = await flow.start(BLOCK.replace("POLICY", "on_failure: ask"), attended=True)
    await flow.waiting(driver)
    await driver.answer(entry(driver), "retry_from", "before", by="ada")
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    assert (inquiry.asked.step, inquiry.asked.reason) == ("both>send", "unknown")
    await driver.answer(inquiry.asked.entry, "happened", {"typed": 1}, by="ada")
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    # What had happened was done for the old input: it is done again, with a key of its own.
    keys = [deed.key for deed in flow.world.of("both>send")]
    assert len(set(keys)) == 2
    assert await flow.replayed(state.run_id) == state


async def test_what_was_cut_off_is_settled_where_its_input_has_changed_since() -> None:
    flow = Flow()
    count = [0]

    async def counted(deed: Deed) -> Any:
        count[0] += 1
        return {"n": count[0]}

    held_back(flow, "both>send", "both>bad")
    flow.world.acts["both>first"] = counted
    driver = await flow.start(
        steps("""
        - id: both
          type: parallel
          on_failure: ask
          steps:
            - {id: first, type: transform, value: "${{ now() }}"}
            - {id: send, type: unsafe, with_: "${{ now() }}", needs: [first]}
            - {id: bad, type: do, on_failure: abort}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    await flow.clock.advance(10)
    await driver.answer(entry(driver), "retry", by="ada")
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    assert (inquiry.asked.step, inquiry.asked.reason) == ("both>send", "unknown")
    await driver.answer(inquiry.asked.entry, "again", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done.count("both>send")) == ("succeeded", 2)


async def test_a_verification_that_always_says_no_is_not_believed_for_ever() -> None:
    flow = Flow()
    flow.world.acts["send"] = doubtful(1_000)
    async with asyncio.timeout(60):
        driver = await flow.start(
            steps("""
            - id: send
              type: unsafe
              retry: {max_attempts: 3, backoff: immediate}
              verify: {type: do, happened: "1 == 2"}
            """)
        )
        state = await flow.finished(driver)
    assert state.status == "failed"
    assert 3 <= flow.done.count("send") <= 4
    assert state.steps["send"].in_doubt is None


async def test_a_verification_that_is_in_doubt_itself_is_settled_by_a_person() -> None:
    flow = Flow()
    flow.world.acts["send"] = doubtful(1)
    flow.world.acts["send~verify"] = doubtful(1)
    driver = await flow.start(steps("- {id: send, type: unsafe, verify: {type: unsafe, happened: output.sent}}"))
    await flow.waiting(driver)
    assert driver.committed.open_inquiries[0].asked.step == "send~verify"
    await driver.answer(entry(driver), "happened", {"sent": True}, by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["send", "send~verify"])


async def test_nobody_is_asked_about_a_message_that_may_have_been_sent() -> None:
    flow = Flow()
    flow.kinds["notification"].effect = "unsafe"  # type: ignore[attr-defined]  # as a channel that is not the terminal
    flow.world.acts["a~notify"] = doubtful(1_000)
    async with asyncio.timeout(60):
        state = await flow.run(steps("- {id: a, type: do, notify: true}"))
    assert state.status == "succeeded"
    assert flow.done == ["a", "a~notify"]


async def test_an_unsafe_act_that_ends_in_a_way_nobody_foresaw_is_in_doubt() -> None:
    flow = Flow()

    async def broken(deed: Deed) -> Any:
        raise BrokenPipeError("gone")

    flow.world.acts["send"] = broken
    flow.world.acts["look"] = broken
    driver = await flow.start(
        steps("""
        - {id: look, type: do, on_failure: continue}
        - {id: send, type: unsafe, retry: {max_attempts: 3, backoff: immediate}}
        """)
    )
    await flow.waiting(driver)
    assert driver.committed.open_inquiries[0].asked.reason == "unknown"
    assert flow.done == ["look", "send"]
    driver.stop("enough")


async def test_an_act_whose_result_cannot_be_kept_is_not_repeated() -> None:
    flow = Flow()

    async def odd(deed: Deed) -> Any:
        return {1: "a key that is no text"}

    flow.world.acts["send"] = odd
    state = await flow.run(steps("- {id: send, type: unsafe, retry: {max_attempts: 3, backoff: immediate}}"))
    assert (state.status, flow.done) == ("failed", ["send"])


async def test_what_is_told_while_an_attempt_is_timed_out_does_not_hide_that_it_is_in_doubt() -> None:
    flow = Flow()

    class Chatty(type(flow.kinds["unsafe"])):  # type: ignore[misc]
        name = "chatty"

        async def run(self, ctx: Any) -> Any:
            async def act(key: str) -> Any:
                try:
                    await asyncio.Event().wait()
                finally:
                    ctx.log("it is ended")

            return await ctx.call("act", {}, "unsafe", act)

    flow.kinds["chatty"] = Chatty(flow.world)
    driver = await flow.start(steps("- {id: send, type: chatty, idle_timeout: 500}"))
    await until(lambda: "act" in driver.committed.steps["send"].calls)
    leap(500)
    await until(lambda: bool(driver.committed.open_inquiries))
    assert driver.committed.steps["send"].calls["act"].status == "unknown"
    driver.stop("enough")


async def test_a_step_in_doubt_that_was_undone_is_not_undone_again() -> None:
    child = """
    name: Child
    steps:
      - id: both
        type: parallel
        on_failure: rollback
        steps:
          - {id: send, type: unsafe, undo: {type: do}}
          - {id: bad, type: do, on_failure: abort}
    """
    flow = Flow(child=child)
    held_back(flow, "call>both>send", "call>both>bad")
    driver = await flow.start(
        steps("- {id: call, type: workflow, workflow: child, retry: {max_attempts: 2, backoff: immediate}}")
    )
    async with asyncio.timeout(60):
        state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert flow.done.count("call>both>send~undo") == 1
    assert flow.done.count("call>both>send") == 2


async def test_unknown_outcomes_of_what_was_cancelled_stay_in_the_record() -> None:
    flow = Flow()
    flow.world.acts["send"] = for_ever
    driver = await flow.start(steps("- {id: send, type: unsafe}"))
    await until(lambda: flow.done == ["send"])
    driver.cancel()
    state = await flow.finished(driver)
    assert state.steps["send"].in_doubt is not None
    ended = [each.event for each in await flow.store.read(state.run_id) if isinstance(each.event, e.CallFailed)]
    assert [event.status for event in ended] == ["unknown"]


async def test_a_call_in_doubt_whose_step_is_left_out_is_told_of() -> None:
    flow = Flow()

    async def lost(deed: Deed) -> Any:
        raise OutcomeUnknown(Failure("transient", "lost"))

    flow.world.acts["send"] = lost
    driver = await flow.start(steps("- {id: send, type: unsafe}\n- {id: after, type: do}"))
    await flow.waiting(driver)
    await driver.answer(entry(driver), "skip", by="ada")
    state = await flow.finished(driver)
    assert (state.status, state.steps["send"].status) == ("succeeded", "skipped")
    assert state.steps["send"].in_doubt is not None
