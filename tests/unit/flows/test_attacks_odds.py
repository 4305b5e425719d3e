"""Odd values, odd moments and odd files: each ends as a record, none stops the run's owner."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from tests.unit.flows.test_failures import doubtful, failing, for_ever
from workflows.engine.choices import unknown_outcome
from workflows.engine.driver import Driver
from workflows.errors import Failure, UnderstudyError
from workflows.runs import events as e
from workflows.runs.state import RunState
from workflows.secrets import placeholder


def entry(driver: Driver) -> str:
    (inquiry,) = driver.committed.open_inquiries
    return inquiry.asked.entry


async def run(flow: Flow, text: str, **given: Any) -> RunState:
    async with asyncio.timeout(60):
        return await flow.run(text, **given)


@pytest.mark.parametrize("path", ["x" * 5000, "a/" * 3000, "\0", "~nobody/x", "\ud800"])
async def test_no_path_is_too_odd_to_be_asked_for(path: str) -> None:
    flow = Flow()
    text = """
    name: Odd
    parameters: [{name: path}]
    steps: [{id: a, type: transform, value: "${{ file_exists(parameters.path) }}"}]
    """
    state = await run(flow, text, path=path)
    assert state.steps["a"].output is False or state.status == "failed"


async def test_a_decision_that_is_taken_otherwise_the_second_time_forgets_the_branch_of_the_first() -> None:
    flow = Flow()
    left = [True, False]

    async def flips(deed: Deed) -> Any:
        return {"go": left.pop(0)}

    flow.world.acts["ask"] = flips
    flow.world.acts["bad"] = failing(1)
    driver = await flow.start(
        steps("""
        - {id: ask, type: do}
        - id: choose
          type: decision
          branches: [{when: steps.ask.output.go, steps: [{id: yes, type: do}]}]
          default: [{id: no, type: do}]
        - {id: bad, type: do}
        - {id: after, type: transform, value: "${{ steps.yes.status }} ${{ steps.no.status }} ${{ steps.yes.output }}"}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(entry(driver), "retry_from", "ask", by="ada")
    state = await flow.finished(driver)
    assert state.steps["after"].output == "skipped succeeded null"


async def test_fewer_items_the_second_time_leave_nothing_of_the_others() -> None:
    flow = Flow()
    lists = [[1, 2, 3], [1]]

    async def act(deed: Deed) -> Any:
        return lists.pop(0)

    flow.world.acts["list"] = act
    flow.world.acts["bad"] = failing(1)
    driver = await flow.start(
        steps("""
        - {id: list, type: do}
        - {id: each, type: do, foreach: {in: "${{ steps.list.output }}"}}
        - {id: bad, type: do}
        - {id: after, type: transform, value: "${{ steps.each.items | length }}"}
        """),
        attended=True,
    )
    await flow.waiting(driver)
    await driver.answer(entry(driver), "retry_from", "list", by="ada")
    state = await flow.finished(driver)
    assert (state.status, state.steps["after"].output, len(state.steps["each"].output)) == ("succeeded", 1, 1)


async def test_an_item_may_be_called_like_something_else_and_the_innermost_counts() -> None:
    flow = Flow()
    state = await run(
        flow,
        steps("""
        - id: outer
          type: parallel
          foreach: {in: [a, b], max_parallel: 2}
          steps:
            - {id: inner, type: transform, foreach: {in: [1, 2]}, value: "${{ item }}"}
            - {id: own, type: transform, value: "${{ item }}${{ steps.inner.output }}"}
        """),
    )
    assert [each["own"] for each in state.steps["outer"].output] == ["a[1, 2]", "b[1, 2]"]


async def test_nested_items_in_children_see_their_own_items_and_steps() -> None:
    child = """
    name: Child
    parameters: [{name: list, type: array}]
    steps:
      - id: each
        type: decision
        foreach: {in: "${{ parameters.list }}", as: n, max_parallel: 3}
        branches:
          - when: n > 1
            steps:
              - {id: big, type: do, with_: "${{ n }}"}
              - {id: seen, type: transform, value: "${{ steps.big.output.did }}/${{ n }}"}
        default: [{id: small, type: transform, value: "${{ n }}"}]
    outputs: {all: "${{ steps.each.output }}"}
    """
    flow = Flow(child=child)
    state = await run(
        flow,
        steps("""
        - id: call
          type: workflow
          workflow: child
          foreach: {in: [[1, 2], [3]], max_parallel: 2}
          parameters: {list: "${{ item }}"}
        """),
    )
    assert state.failure is None
    assert state.steps["call[0]>each[1]>seen"].output == "call[0]>each[1]>big/2"
    assert state.steps["call[1]>each[0]>seen"].output == "call[1]>each[0]>big/3"


async def test_a_thousand_items() -> None:
    flow = Flow()
    state = await run(
        flow,
        """
        name: Many
        parameters: [{name: list, type: array}]
        steps: [{id: each, type: do, foreach: {in: "${{ parameters.list }}", max_parallel: 50}, with_: "${{ item }}"}]
        """,
        list=list(range(300)),
    )
    assert (state.status, len(flow.done)) == ("succeeded", 300)


async def test_a_wrong_edit_at_a_gate_is_told_what_it_must_be() -> None:
    flow = Flow()
    driver = await flow.start(steps("- {id: d, type: delay, for: 1, approve: before}"), attended=True)
    await flow.waiting(driver)
    with pytest.raises(UnderstudyError, match="object with these fields"):
        await driver.answer(entry(driver), "edit", {"other": 1}, by="ada")
    driver.stop("enough")


async def test_what_cannot_be_told_is_a_failed_message_and_no_more() -> None:
    flow = Flow()
    state = await run(flow, steps('- {id: a, type: do, notify: {text: "${{ output.nothing.at.all }}"}}'))
    assert state.status == "succeeded"
    assert state.steps["a~notify"].status == "failed"


async def test_an_event_that_cannot_be_folded_leaves_the_journal_whole() -> None:
    flow = Flow()
    flow.world.acts["long"] = for_ever
    driver = await flow.start(steps("- {id: long, type: do}"))
    await until(lambda: flow.done == ["long"])
    with pytest.raises(KeyError):
        driver.post(e.Noted("long", "one"), e.CallFinished("long", "no such call", None))
    driver.cancel()
    async with asyncio.timeout(60):
        state = await flow.finished(driver)
    assert state.status == "cancelled"
    assert await flow.replayed(state.run_id) == state


def test_what_a_verification_reads_is_waited_for() -> None:
    flow = Flow()
    text = """
    name: Reads
    stages:
      - name: all
        parallel: true
        steps:
          - {id: send, type: unsafe, verify: {type: do, happened: steps.look.output.ok, result: seen}}
          - {id: look, type: do}
    """
    assert flow.plan(text).by_id["send"].after == ("look",)


async def test_a_secret_in_what_is_in_doubt_is_named_and_no_more() -> None:
    flow = Flow()
    flow.world.acts["send"] = doubtful(1)
    driver = await flow.start(steps("- {id: send, type: unsafe, with_: hello}"))
    await flow.waiting(driver)
    step = driver.committed.steps["send"]
    call = replace(step.calls["act"], spec={"key": placeholder("TOKEN", driver.state.nonce)})
    asked = unknown_outcome(driver.committed, replace(step, calls={"act": call}), Failure("unknown", "lost"))
    assert "⟦" not in asked.body
    driver.stop("enough")
