"""A person steps in: anywhere, in any order, while what is beside goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Deed, World, until
from tests.unit.flows.test_failures import failing, for_ever
from workflows.engine.choices import consequences
from workflows.engine.driver import Driver
from workflows.errors import UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.journal.port import PostedAnswer
from workflows.runs import events as e
from workflows.runs.state import Inquiry

GATES = steps("""
- id: publish
  type: do
  foreach: {in: "${{ ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] }}", max_parallel: 3}
  approve: before
  with_: "${{ item }}"
  on_failure: continue
- {id: after, type: transform, value: "${{ steps.publish.items | map('status') }}"}
""")


def open_entries(driver: Driver) -> dict[str, Inquiry]:
    return {inquiry.asked.step: inquiry for inquiry in driver.committed.open_inquiries}


async def test_ten_items_with_a_gate_each() -> None:
    """Approve 3, edit 2, reject 1, leave 4; siblings proceed; another process finds the 4 still waiting."""
    store, world = MemoryStore(), World()
    flow = Flow(store, world)
    driver = await flow.start(GATES, attended=True)
    await flow.waiting(driver, 10)
    gates = open_entries(driver)
    for index in (7, 0, 4):
        await driver.answer(gates[f"publish[{index}]"].asked.entry, "approve", by="ada")
    await until(lambda: len(world.deeds) == 3)
    for index in (1, 2):
        asked = gates[f"publish[{index}]"].asked
        await driver.answer(asked.entry, "edit", {"with_": f"edited {index}", "skill": None}, by="ada")
    await driver.answer(gates["publish[9]"].asked.entry, "deny", by="ada")
    await flow.waiting(driver, 6)
    for index in (1, 2):
        asked = open_entries(driver)[f"publish[{index}]"].asked
        assert f"edited {index}" in asked.body
        await driver.answer(asked.entry, "approve", by="ada", digest=asked.digest)
    await until(lambda: len(world.deeds) == 5)
    await flow.engine.close()

    again = Flow(store, world)
    resumed = await again.engine.resume(driver.state.run_id, attended=True)
    await again.waiting(resumed, 4)
    assert set(open_entries(resumed)) == {f"publish[{index}]" for index in (3, 5, 6, 8)}
    await until(lambda: resumed.committed.status == "waiting")
    world.shown = "another artefact"
    stale = open_entries(resumed)["publish[3]"].asked
    await resumed.answer(stale.entry, "approve", by="ada", digest=stale.digest)
    await until(lambda: len(resumed.state.steps["publish[3]"].inquiries) == 2)
    assert resumed.state.inquiries[stale.entry].voided
    await again.waiting(resumed, 4)
    for name in ("publish[5]", "publish[6]", "publish[8]"):  # they were shown the old artefact too
        await resumed.answer(open_entries(resumed)[name].asked.entry, "approve", by="ada")
        await until(lambda name=name: len(resumed.state.steps[name].inquiries) == 2)  # type: ignore[misc]  # bound
    await again.waiting(resumed, 4)
    assert len(world.deeds) == 5
    for inquiry in open_entries(resumed).values():
        await resumed.answer(inquiry.asked.entry, "approve", by="ada")
    state = await again.finished(resumed)
    assert state.status == "succeeded"
    assert state.steps["after"].output == ["succeeded"] * 9 + ["failed"]
    done = [deed.input["with_"] for deed in world.deeds]
    assert sorted(done) == sorted(["a", "edited 1", "edited 2", "d", "e", "f", "g", "h", "i"])


async def test_entries_at_any_depth_are_answered_in_any_order() -> None:
    child = """
    name: Child
    steps: [{id: sure, type: approval, show: "Really?"}]
    outputs: {by: "${{ steps.sure.output.by }}"}
    """
    flow = Flow(child=child)
    flow.world.acts["all>bad"] = failing(1)
    driver = await flow.start(
        steps("""
        - id: all
          type: parallel
          steps:
            - {id: which, type: question, ask: "Which?", schema: {type: string, enum: [x, y]}}
            - {id: call, type: workflow, workflow: child, foreach: {in: [1, 2], max_parallel: 2}}
            - {id: bad, type: do}
            - {id: quick, type: do}
        """),
        attended=True,
    )
    await flow.waiting(driver, 4)
    assert "all>quick" in flow.done
    assert driver.committed.status == "waiting"
    assert driver.committed.steps["all"].status == "waiting"
    waiting = open_entries(driver)
    assert set(waiting) == {"all>which", "all>call[0]>sure", "all>call[1]>sure", "all>bad"}
    await driver.answer(waiting["all>call[1]>sure"].asked.entry, "approve", by="ada")
    await driver.answer(waiting["all>bad"].asked.entry, "retry", by="ada")
    with pytest.raises(UnderstudyError, match="does not fit"):
        await driver.answer(waiting["all>which"].asked.entry, "answer", "z", by="ada")
    await driver.answer(waiting["all>which"].asked.entry, "answer", "y", by="ada")
    await flow.waiting(driver, 1)
    await driver.answer(waiting["all>call[0]>sure"].asked.entry, "approve", by="bob")
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert state.steps["all"].output["which"] == "y"
    assert state.steps["all"].output["call"] == [{"by": "bob"}, {"by": "ada"}]


async def test_a_question_takes_its_default_when_the_time_is_up() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: which, type: question, ask: Which?, timeout: 1h, default: latest}"))
    await flow.waiting(driver)
    await flow.clock.advance(3601)
    state = await flow.finished(driver)
    assert (state.status, state.steps["which"].output) == ("succeeded", "latest")


async def test_a_question_that_nobody_answers_in_time_fails() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: which, type: question, ask: Which?, timeout: 1h}"))
    await flow.waiting(driver)
    await flow.clock.advance(3601)
    state = await flow.finished(driver)
    assert state.failure is not None
    assert (state.status, state.failure.kind) == ("failed", "timeout")


FAILS = steps("""
- {id: build, type: do, undo: {type: do}}
- {id: deploy, type: do}
- {id: check, type: do}
- {id: last, type: transform, value: "${{ steps.check.output }}"}
""")


async def failed(flow: Flow, times: int = 1) -> tuple[Driver, Inquiry]:
    flow.world.acts["check"] = failing(times, then={"fine": True})
    driver = await flow.start(FAILS, attended=True)
    await flow.waiting(driver)
    return driver, driver.committed.open_inquiries[0]


async def test_each_choice_of_a_failed_step_says_what_it_leads_to() -> None:
    flow = Flow()
    driver, inquiry = await failed(flow)
    meanings = consequences(driver.committed, inquiry)
    assert list(meanings) == ["retry", "edit", "retry_from", "output", "skip", "roll_back", "abort"]
    assert all(meanings.values())
    assert "1 step reads it as null" in meanings["skip"]
    assert "undo 1 finished step" in meanings["roll_back"]
    assert "deploy, build" in meanings["retry_from"]
    driver.stop("enough")


async def test_a_denial_says_what_it_stops_beside_the_step() -> None:
    for policy, expected in (("abort", "; 9 beside it are stopped"), ("continue", "and the run goes on")):
        flow = Flow()
        driver = await flow.start(GATES.replace("on_failure: continue", f"on_failure: {policy}"), attended=True)
        await flow.waiting(driver, 10)
        inquiry = open_entries(driver)["publish[4]"]
        assert consequences(driver.committed, inquiry)["deny"].endswith(expected)
        driver.stop("enough")


async def test_typing_the_output_in() -> None:
    flow = Flow()
    driver, inquiry = await failed(flow)
    await driver.answer(inquiry.asked.entry, "output", {"typed": 1}, by="ada")
    state = await flow.finished(driver)
    assert (state.status, state.steps["last"].output) == ("succeeded", {"typed": 1})


async def test_doing_an_earlier_step_again_and_everything_after_it() -> None:
    flow = Flow()
    driver, inquiry = await failed(flow)
    with pytest.raises(UnderstudyError, match="no earlier step"):
        await driver.answer(inquiry.asked.entry, "retry_from", "last", by="ada")
    await driver.answer(inquiry.asked.entry, "retry_from", "deploy", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("succeeded", ["build", "deploy", "check", "deploy", "check"])
    keys = [deed.key for deed in flow.world.deeds if deed.step == "deploy"]
    assert keys[0] != keys[1]


async def test_a_person_rolls_back() -> None:
    flow = Flow()
    driver, inquiry = await failed(flow)
    await driver.answer(inquiry.asked.entry, "roll_back", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done[-1], state.steps["build"].status) == ("failed", "build~undo", "undone")


async def test_abort_ends_the_run_through_everything_around_it() -> None:
    child = "name: Child\nsteps: [{id: bad, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}"
    flow = Flow(child=child)
    flow.world.acts["both>call>bad"] = failing()
    driver = await flow.start(
        steps("""
        - id: both
          type: parallel
          on_failure: continue
          steps: [{id: call, type: workflow, workflow: child, on_failure: skip}]
        - {id: after, type: do}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "abort", by="ada")
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("failed", ["both>call>bad", "both>call>tidy"])


async def test_an_irreversible_step_always_asks_and_says_so() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: pay, type: do, irreversible: true, with_: 1}"))
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.facts["irreversible"]
    await driver.answer(inquiry.asked.entry, "deny", by="ada")
    assert (await flow.finished(driver)).status == "failed"
    assert flow.done == []


async def test_an_answer_is_taken_once_and_never_for_another_step() -> None:
    flow = Flow()
    driver, inquiry = await failed(flow)
    await driver.answer(inquiry.asked.entry, "skip", by="ada")
    with pytest.raises(UnderstudyError):
        await driver.answer(inquiry.asked.entry, "retry", by="bob")
    state = await flow.finished(driver)
    answers = [each for each in await flow.store.read(state.run_id) if isinstance(each.event, e.Answered)]
    assert len(answers) == 1


async def test_what_could_not_be_evaluated_is_evaluated_again_on_retry() -> None:
    flow = Flow()

    async def act(deed: Deed) -> Any:
        return {"n": len(flow.world.deeds)} if len(flow.world.deeds) > 1 else "nothing"

    flow.world.acts["a"] = act
    driver = await flow.start(
        steps("""
        - {id: a, type: do}
        - {id: b, type: transform, value: "${{ steps.a.output.n + 1 }}"}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    inquiry = driver.committed.open_inquiries[0]
    assert "edit" not in inquiry.asked.choices
    await driver.answer(inquiry.asked.entry, "retry_from", "a", by="ada")
    state = await flow.finished(driver)
    assert state.steps["b"].output == 3


async def test_stopping_and_resuming_in_the_middle_of_everything() -> None:
    """A block, an item, a child and a handler are all taken up again where they were, and nothing is done twice."""
    child = "name: Child\nsteps: [{id: one, type: do}, {id: long, type: do}]"
    store, world = MemoryStore(), World()
    flow = Flow(store, world, child=child)
    world.acts["call[1]>long"] = for_ever
    world.acts["bad~handler1>tidy"] = for_ever
    world.acts["bad"] = failing(1)
    text = """
    name: All
    stages:
      - name: all
        parallel: true
        steps:
          - {id: call, type: workflow, workflow: child, foreach: {in: [1, 2], max_parallel: 2}}
          - {id: bad, type: do, retry: {max_attempts: 1, backoff: immediate}}
    error_handlers: [{error: any, action: retry, steps: [tidy]}]
    """
    driver = await flow.start(text)
    await until(lambda: {"call[1]>long", "bad~handler1>tidy"} <= set(flow.done))
    await flow.engine.close()
    before = list(flow.done)
    world.acts.clear()
    again = Flow(store, world, child=child)
    resumed = await again.engine.resume(driver.state.run_id)
    state = await again.finished(resumed)
    assert state.status == "succeeded"
    since = again.done[len(before) :]
    assert sorted(since) == sorted(["call[1]>long", "bad~handler1>tidy", "bad"])
    assert await again.replayed(state.run_id) == state


async def test_an_edit_that_cannot_be_done_is_refused_and_the_gate_still_waits() -> None:
    flow = Flow()
    show = flow.kinds["do"].show

    async def picky(ctx: Any) -> Any:
        if ctx.input["with_"] == "nonsense":
            raise UnderstudyError("nonsense leads nowhere")
        return await show(ctx)

    flow.kinds["do"].show = picky  # type: ignore[method-assign]  # a kind that cannot show everything
    driver = await flow.start(steps("- {id: a, type: do, approve: before, with_: 1}"))
    await flow.waiting(driver)
    entry = driver.committed.open_inquiries[0].asked.entry
    with pytest.raises(UnderstudyError, match="leads nowhere"):
        await driver.answer(entry, "edit", {"with_": "nonsense", "skill": None}, by="ada")
    assert [inquiry.asked.entry for inquiry in driver.state.open_inquiries] == [entry]
    await driver.answer(entry, "approve", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_an_edit_that_was_left_and_cannot_be_done_asks_again_even_where_nobody_watches() -> None:
    flow = Flow()
    show = flow.kinds["do"].show

    async def picky(ctx: Any) -> Any:
        if ctx.input["with_"] == "nonsense":
            raise UnderstudyError("nonsense leads nowhere")
        return await show(ctx)

    flow.kinds["do"].show = picky  # type: ignore[method-assign]  # a kind that cannot show everything
    driver = await flow.start(
        steps("- {id: a, type: do, approve: before, with_: 1, on_failure: continue}\n- {id: b, type: do}")
    )
    await flow.waiting(driver)
    entry = driver.committed.open_inquiries[0].asked.entry
    edited = {"with_": "nonsense", "skill": None}
    await flow.store.post_answer(PostedAnswer(0, driver.state.run_id, entry, "edit", edited, by="ada"))
    await flow.clock.advance(1)
    await until(lambda: any(each.asked.reason == "intervention" for each in driver.committed.open_inquiries))
    asked = driver.committed.open_inquiries[0].asked
    await driver.answer(asked.entry, "edit", {"with_": 2, "skill": None}, by="ada")
    await until(lambda: any(each.asked.reason == "approval" for each in driver.committed.open_inquiries))
    await driver.answer(driver.committed.open_inquiries[0].asked.entry, "approve", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"
