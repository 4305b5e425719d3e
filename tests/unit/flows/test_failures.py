"""Handlers, undoing, rolling back, finishing, verifying: every way out of a failure."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.runs import events as e


def failing(times: int = 1_000, kind: Any = "business", name: str = "", then: Any = "done") -> Any:
    left = [times]

    async def act(deed: Deed) -> Any:
        if left[0]:
            left[0] -= 1
            raise CallFailed(Failure(kind, "exit 1", name=name))
        return then

    return act


def doubtful(times: int = 1) -> Any:
    left = [times]

    async def act(deed: Deed) -> Any:
        if left[0]:
            left[0] -= 1
            raise OutcomeUnknown(Failure("unknown", "the connection was lost"))
        return {"sent": True}

    return act


async def for_ever(deed: Deed) -> Any:
    await asyncio.Event().wait()


UNDO = """
name: Careful
steps:
  - {id: a, type: do, undo: {type: do, with_: "${{ output.did }}"}}
  - {id: b, type: do, undo: {type: do, with_: "${{ output.did }} of ${{ steps.a.output.did }}"}}
  - id: each
    type: do
    foreach: {in: [x, y]}
    undo: {type: do, with_: "${{ item }} ${{ output.did }}"}
  - {id: bad, type: do, on_failure: rollback}
  - {id: never, type: do}
rollback:
  steps:
    - {id: restore, type: do, with_: "${{ error.message }} after ${{ steps.a.output.did }}"}
    - {id: check, type: do}
finally:
  steps: [{id: tidy, type: do, with_: "${{ error.class }} ${{ steps.bad.status }}"}]
"""


async def test_rolling_back_undoes_in_reverse_then_does_the_rollback_steps_and_finishes() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    state = await flow.run(UNDO)
    assert flow.done[:5] == ["a", "b", "each[0]", "each[1]", "bad"]
    assert flow.done[5:] == ["each[1]~undo", "each[0]~undo", "b~undo", "a~undo", "restore", "check", "tidy"]
    given = {deed.step: deed.input["with_"] for deed in flow.world.deeds}
    assert given["each[1]~undo"] == "y each[1]"
    assert given["b~undo"] == "b of a"
    assert given["restore"] == "exit 1 after a"
    assert given["tidy"] == "business failed"
    assert (state.status, state.failure and state.failure.message) == ("failed", "exit 1")
    assert [state.steps[name].status for name in ("a", "b", "each[0]", "never")] == ["undone"] * 3 + ["blocked"]
    assert await flow.replayed(state.run_id) == state


async def test_an_undo_that_fails_is_reported_and_the_others_go_on() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    flow.world.acts["b~undo"] = failing()
    state = await flow.run(UNDO)
    assert (state.steps["b"].status, state.steps["b~undo"].status) == ("succeeded", "failed")
    assert state.steps["a"].status == "undone"
    assert "restore" in flow.done


async def test_finally_is_done_after_a_success_too() -> None:
    flow = Flow()
    state = await flow.run(UNDO.replace("${{ error.class }} ", ""))
    assert (state.status, flow.done[-1]) == ("succeeded", "tidy")
    assert "restore" not in flow.done


async def test_a_finally_that_fails_fails_the_run() -> None:
    flow = Flow()
    flow.world.acts["tidy"] = failing()
    state = await flow.run("name: F\nsteps: [{id: a, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}")
    assert state.status == "failed"


async def test_cancelling_stops_what_runs_and_still_finishes() -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start("name: C\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}")
    await until(lambda: "long" in flow.done)
    driver.cancel()
    state = await flow.finished(driver)
    assert (state.status, state.steps["long"].status, flow.done) == ("cancelled", "cancelled", ["long", "tidy"])


async def test_cancelling_twice_leaves_out_what_finishes() -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    flow.world.acts["tidy"] = for_ever
    driver = await flow.start("name: C\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}")
    await until(lambda: "long" in flow.done)
    driver.cancel()
    await until(lambda: "tidy" in flow.done)
    driver.cancel()
    state = await flow.finished(driver)
    assert (state.status, state.steps["tidy"].status) == ("cancelled", "cancelled")


HANDLED = """
name: Handled
steps:
  - {id: bad, type: do, retry: {max_attempts: 1, backoff: immediate}, undo: {type: do}}
error_handlers:
  - HANDLER
rollback: {steps: [{id: restore, type: do}, {id: tell, type: do}]}
"""


def handled(handler: str) -> str:
    return HANDLED.replace("HANDLER", handler)


@pytest.mark.parametrize("error", ["business", "BusinessError", "DeploymentError", "Deployment", "any"])
async def test_a_handler_is_found_by_class_by_name_or_for_any(error: str) -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(name="DeploymentError")
    state = await flow.run(handled(f"{{error: {error}, action: continue}}"))
    assert (state.status, state.steps["bad"].status) == ("succeeded", "failed")


async def test_no_handler_is_taken_for_another_error() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(name="DeploymentError")
    state = await flow.run(handled("{error: timeout, action: continue}"))
    assert state.status == "failed"


async def test_a_handler_does_its_steps_before_its_action() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    state = await flow.run(handled("{error: business, action: rollback, steps: [restore, notify]}"))
    assert flow.done == ["bad", "bad~handler1>restore", "bad~handler1>notify", "restore", "tell"]
    assert state.status == "failed"


async def test_a_handler_retries_and_then_does_something_else() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(2)
    state = await flow.run(handled("{error: business, action: retry, max_retries: 2, then: rollback}"))
    assert (state.status, flow.done) == ("succeeded", ["bad"] * 3)
    flow = Flow()
    flow.world.acts["bad"] = failing()
    state = await flow.run(handled("{error: business, action: retry, max_retries: 2, then: rollback}"))
    assert (state.status, flow.done) == ("failed", ["bad"] * 3 + ["restore", "tell"])


async def test_what_is_never_retried_is_not_retried_by_a_handler() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(kind="authentication")
    state = await flow.run(handled("{error: authentication, action: retry, then: skip}"))
    assert (state.steps["bad"].status, flow.done) == ("skipped", ["bad"])


async def test_escalating_asks_a_person_even_where_none_is_there() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(1)
    driver = await flow.start(handled("{error: any, action: escalate}"))
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.reason == "intervention"
    await driver.answer(inquiry.asked.entry, "retry", by="ada")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_compensating_undoes_and_leaves_the_rollback_steps_alone() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    text = HANDLED.replace("steps:\n", "steps:\n  - {id: good, type: do, undo: {type: do}}\n", 1)
    state = await flow.run(text.replace("HANDLER", "{error: any, action: compensate}"))
    assert (state.status, flow.done) == ("failed", ["good", "bad", "good~undo"])


async def test_a_child_rolls_itself_back_and_its_parent_decides() -> None:
    child = """
    name: Child
    steps:
      - {id: work, type: do, undo: {type: do}}
      - {id: bad, type: do, on_failure: rollback}
    rollback: {steps: [{id: restore, type: do}]}
    finally: {steps: [{id: tidy, type: do}]}
    """
    flow = Flow(child=child)
    flow.world.acts["call>bad"] = failing()
    state = await flow.run(
        steps("""
        - {id: call, type: workflow, workflow: child, on_failure: continue}
        - {id: after, type: do}
        """)
    )
    assert flow.done == ["call>work", "call>bad", "call>work~undo", "call>restore", "call>tidy", "after"]
    assert state.status == "succeeded"


async def test_rolling_back_a_workflow_undoes_what_its_children_did() -> None:
    flow = Flow(
        child="name: Child\nsteps: [{id: work, type: do, undo: {type: do, with_: '${{ parameters.x }}'}}]\n"
        "parameters: [{name: x, default: mine}]\n"
    )
    flow.world.acts["bad"] = failing()
    await flow.run(
        steps("""
        - {id: call, type: workflow, workflow: child}
        - {id: bad, type: do, on_failure: rollback}
        """)
    )
    assert flow.done[-1] == "call>work~undo"
    assert flow.world.deeds[-1].input["with_"] == "mine"


async def test_a_rollback_inside_a_block_is_the_workflows() -> None:
    flow = Flow()
    flow.world.acts["both>bad"] = failing()
    state = await flow.run("""
    name: B
    steps:
      - {id: first, type: do, undo: {type: do}}
      - {id: both, type: parallel, on_failure: continue, steps: [{id: bad, type: do, on_failure: rollback}]}
    rollback: {steps: [{id: restore, type: do}]}
    """)
    assert (state.status, flow.done) == ("failed", ["first", "both>bad", "first~undo", "restore"])


VERIFIED = """
- id: send
  type: unsafe
  verify: {type: do, with_: "${{ error.key }}", happened: "output.seen", result: "${{ output.it }}"}
"""


@pytest.mark.parametrize("seen", [True, False])
async def test_what_verify_finds_out_settles_an_unknown_outcome(seen: bool) -> None:
    async def probe(deed: Deed) -> Any:
        return {"seen": seen, "it": "already sent"}

    flow = Flow()
    flow.world.acts.update({"send": doubtful(), "send~verify": probe})
    state = await flow.run(steps(VERIFIED))
    assert state.status == "succeeded"
    first = next(deed for deed in flow.world.deeds if deed.step == "send")
    assert next(deed for deed in flow.world.deeds if deed.step == "send~verify").input["with_"] == first.key
    assert flow.done.count("send") == (1 if seen else 2)
    assert state.steps["send"].output == ("already sent" if seen else {"sent": True})


async def test_where_verify_cannot_tell_a_person_is_asked() -> None:
    flow = Flow()
    flow.world.acts.update({"send": doubtful(), "send~verify": failing()})
    driver = await flow.start(steps(VERIFIED))
    await flow.waiting(driver)
    (inquiry,) = driver.committed.open_inquiries
    assert inquiry.asked.reason == "unknown"
    await driver.answer(inquiry.asked.entry, "happened", {"typed": 1}, by="ada")
    assert (await flow.finished(driver)).steps["send"].output == {"typed": 1}


async def test_telling_how_a_step_ended() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing()
    state = await flow.run(
        steps("""
        - {id: good, type: do, notify: {channel: team, when: success, text: "did ${{ output.did }}"}}
        - {id: quiet, type: do, notify: {when: failure}}
        - {id: bad, type: do, notify: true, on_failure: continue}
        """)
    )
    told = {d.step: d.input for d in flow.world.deeds if "~notify" in d.step}
    assert told == {
        "good~notify": {"channel": "team", "text": "did good"},
        "bad~notify": {"channel": "terminal", "text": "bad: exit 1"},
    }
    assert state.status == "succeeded"


async def test_a_run_that_is_at_work_too_long_is_ended() -> None:
    flow = Flow()

    async def long(deed: Deed) -> Any:
        await flow.clock.sleep(100)

    flow.world.acts["long"] = long
    text = "name: T\ntimeout: 30\nsteps: [{id: long, type: do}]\nfinally: {steps: [{id: tidy, type: do}]}"
    driver = await flow.start(text)
    await until(lambda: flow.done == ["long"])
    await flow.clock.advance(29)
    assert flow.done == ["long"]
    await flow.clock.advance(2)
    state = await flow.finished(driver)
    assert state.failure is not None
    assert (state.status, state.failure.kind, flow.done[-1]) == ("failed", "timeout", "tidy")


async def test_an_output_that_does_not_fit_fails_the_step() -> None:
    flow = Flow()
    fields = "retry: {max_attempts: 3}, output_schema: {type: object, required: [other]}"
    state = await flow.run(steps(f"- {{id: a, type: do, {fields}}}"))
    assert state.failure is not None
    assert (state.status, state.failure.kind, flow.done) == ("failed", "validation", ["a"])


async def test_the_policy_of_a_workflow_is_for_work_and_not_for_what_holds_it() -> None:
    flow = Flow(child="name: Child\nsteps:\n  - {id: one, type: do}\n")
    text = "name: Flow\nmetadata: {retry_policy: {max_attempts: 2}}\nsteps:\n"
    plan = flow.plan(
        text
        + "  - {id: own, type: do}\n"
        + "  - {id: child, type: workflow, workflow: child}\n"
        + "  - {id: both, type: parallel, steps: [{id: inner, type: do}]}\n"
    )
    assert {step.id: step.retry.attempts for step in plan.every} == {
        "own": 2, "child": 1, "one": 1, "both": 1, "inner": 2,
    }  # fmt: skip


async def test_a_handlers_choice_is_in_the_journal() -> None:
    flow = Flow()
    flow.world.acts["bad"] = failing(1)
    state = await flow.run(handled("{error: any, action: retry}"))
    taken = [each.event for each in await flow.store.read(state.run_id) if isinstance(each.event, e.HandlerTaken)]
    assert [(event.action, event.step) for event in taken] == [("retry", "bad")]
    assert "1 of 3" in taken[0].why


CLEANS_UP = """
name: Child
steps: [{id: long, type: do}]
finally: {steps: [{id: tidy, type: do}]}
"""


async def test_a_child_that_is_stopped_from_outside_still_finishes() -> None:
    flow = Flow(child=CLEANS_UP)
    flow.world.acts["both>call[0]>long"] = for_ever

    async def late(deed: Deed) -> Any:
        while "both>call[0]>long" not in flow.done:
            await asyncio.sleep(0)
        raise CallFailed(Failure("business", "exit 1"))

    flow.world.acts["both>bad"] = late
    state = await flow.run(
        steps("""
        - id: both
          type: parallel
          steps:
            - {id: call, type: workflow, workflow: child, foreach: {in: [1]}}
            - {id: bad, type: do}
        """)
    )
    assert state.status == "failed"
    assert sorted(flow.done) == ["both>bad", "both>call[0]>long", "both>call[0]>tidy"]
    statuses = [state.steps[name].status for name in ("both>call", "both>call[0]", "both>call[0]>tidy")]
    assert statuses == ["cancelled", "cancelled", "succeeded"]


async def test_a_child_finishes_before_its_parent_when_a_person_cancels() -> None:
    flow = Flow(child=CLEANS_UP)
    flow.world.acts["call>long"] = for_ever
    text = steps("- {id: call, type: workflow, workflow: child}") + "finally: {steps: [{id: last, type: do}]}"
    driver = await flow.start(text)
    await until(lambda: "call>long" in flow.done)
    driver.cancel()
    state = await flow.finished(driver)
    assert (state.status, flow.done) == ("cancelled", ["call>long", "call>tidy", "last"])
