"""Steps that hold others: parallel, decision, foreach and child workflows."""

from __future__ import annotations

from typing import Any

from tests.support.clocks import leap
from tests.support.flows import Flow, steps
from tests.support.plans import Deed, until
from workflows.errors import fail


def failing(times: int = 1_000, kind: Any = "business", then: Any = "done") -> Any:
    left = [times]

    async def act(deed: Deed) -> Any:
        if left[0]:
            left[0] -= 1
            raise fail(kind, "exit 1")
        return then

    return act


async def test_a_parallel_step_gives_the_outputs_of_its_steps() -> None:
    flow = Flow()
    state = await flow.run(
        steps("""
        - id: both
          type: parallel
          steps:
            - {id: left, type: do}
            - {id: right, type: do, with_: "${{ steps.left.output.did }}"}
        - {id: after, type: transform, value: "${{ steps.right.output.did }} and ${{ steps.both.output.left.did }}"}
        """)
    )
    assert state.failure is None
    assert flow.done == ["both>left", "both>right"]
    assert state.steps["after"].output == "both>right and both>left"


async def test_a_parallel_step_gives_nothing_of_steps_that_did_not_succeed() -> None:
    flow = Flow()
    flow.world.acts["both>lost"] = failing()
    state = await flow.run(
        steps("""
        - id: both
          type: parallel
          steps:
            - {id: done, type: transform, value: 1}
            - {id: not, type: transform, value: 2, when: 1 > 2}
            - {id: lost, type: do, on_failure: continue}
        """)
    )
    assert state.steps["both"].output == {"done": 1}


async def test_the_first_that_succeeds_is_enough() -> None:
    flow = Flow()
    flow.world.acts["race>slow"] = _for_ever
    flow.world.acts["race>bad"] = failing()
    state = await flow.run(
        steps("""
        - id: race
          type: parallel
          wait_for: first
          steps: [{id: slow, type: do}, {id: bad, type: do}, {id: fast, type: do}]
        - {id: after, type: transform, value: "${{ steps.race.output.fast.did }}"}
        """)
    )
    assert state.status == "succeeded"
    assert state.steps["race>slow"].status == "cancelled"
    assert state.steps["after"].output == "race>fast"


async def _for_ever(deed: Deed) -> Any:
    import asyncio

    await asyncio.Event().wait()


async def test_a_decision_takes_the_first_branch_that_holds() -> None:
    text = """
    name: Choose
    parameters: [{name: n, type: integer}]
    steps:
      - id: choose
        type: decision
        branches:
          - when: parameters.n > 10
            steps: [{id: big, type: do}, {id: bigger, type: do, with_: "${{ steps.big.output }}"}]
          - {when: parameters.n > 5, steps: [{id: middle, type: do}]}
        default: [{id: small, type: do}]
      - {id: after, type: transform, value: "${{ steps.small.output }} ${{ steps.big.output is none }}"}
    """
    for n, expected in ((11, ["choose>big", "choose>bigger"]), (6, ["choose>middle"]), (1, ["choose>small"])):
        flow = Flow()
        state = await flow.run(text, n=n)
        assert (state.status, flow.done) == ("succeeded", expected)


async def test_a_decision_without_a_branch_that_holds_does_nothing() -> None:
    flow = Flow()
    state = await flow.run(
        steps("- {id: choose, type: decision, branches: [{when: 1 > 2, steps: [{id: a, type: do}]}]}")
    )
    assert (state.status, state.steps["choose"].output) == ("succeeded", {})


async def test_a_step_is_done_for_each_item() -> None:
    flow = Flow()
    flow.world.acts["each[1]"] = failing()
    state = await flow.run(
        steps("""
        - id: each
          type: do
          foreach: {in: [a, b, c], as: letter, max_parallel: 2}
          with_: "${{ letter }}"
          on_failure: continue
        - {id: after, type: transform, value: "${{ steps.each.items | map('status') }}"}
        """)
    )
    assert state.status == "succeeded"
    assert [deed.input["with_"] for deed in flow.world.deeds] == ["a", "b", "c"]
    assert state.steps["each"].output == [{"did": "each[0]"}, None, {"did": "each[2]"}]
    assert state.steps["after"].output == ["succeeded", "failed", "succeeded"]


async def test_items_are_left_out_by_a_condition_and_no_items_are_no_error() -> None:
    flow = Flow()
    state = await flow.run(
        steps("""
        - {id: each, type: do, foreach: {in: [1, 2, 3]}, when: item > 1, with_: "${{ item }}"}
        - {id: none, type: do, foreach: {in: "${{ steps.each.output[7:] }}"}}
        - {id: never, type: do, foreach: {in: [1]}, when: 1 > 2}
        """)
    )
    assert state.status == "succeeded"
    assert flow.done == ["each[1]", "each[2]"]
    assert (state.steps["none"].output, state.steps["never"].status) == ([], "skipped")


async def test_names_inside_an_item_mean_the_same_item() -> None:
    flow = Flow()
    state = await flow.run(
        steps("""
        - id: each
          type: parallel
          foreach: {in: [x, y], max_parallel: 2}
          steps:
            - {id: one, type: transform, value: "${{ item }}1"}
            - {id: two, type: transform, value: "${{ steps.one.output }}2"}
        """)
    )
    assert state.steps["each"].output == [{"one": "x1", "two": "x12"}, {"one": "y1", "two": "y12"}]


CHILD = """
name: Child
parameters: [{name: n, type: integer, required: true}, {name: more, default: x}]
steps:
  - {id: work, type: do, with_: "${{ parameters.n }}${{ parameters.more }}"}
outputs: {made: "${{ steps.work.output.did }}", n: "${{ parameters.n }}"}
"""


async def test_a_child_workflow_is_a_scope_of_the_same_run() -> None:
    flow = Flow(child=CHILD)
    state = await flow.run(
        steps("""
        - {id: call, type: workflow, workflow: child, parameters: {n: "${{ 1 + 1 }}"}}
        - {id: work, type: transform, value: "${{ steps.call.output.made }}"}
        """)
    )
    assert state.failure is None
    assert flow.world.deeds[0].input["with_"] == "2x"
    assert state.steps["work"].output == "call>work"


async def test_a_child_is_given_what_fits_its_parameters() -> None:
    flow = Flow(child=CHILD)
    state = await flow.run(steps("""- {id: call, type: workflow, workflow: child, parameters: {n: "${{ 'many' }}"}}"""))
    assert state.status == "failed"
    assert state.failure is not None
    assert "n must be a whole number" in state.failure.message


async def test_what_fails_in_a_block_fails_the_block_and_its_retry_does_again_only_what_failed() -> None:
    flow = Flow(child=CHILD)
    flow.world.acts["both>call>work"] = failing(1, then={"did": "it"})
    state = await flow.run(
        steps("""
        - id: both
          type: parallel
          retry: {max_attempts: 2, backoff: immediate}
          steps:
            - {id: good, type: do}
            - {id: call, type: workflow, workflow: child, parameters: {n: 1}, needs: [good]}
        """)
    )
    assert state.status == "succeeded"
    assert flow.done == ["both>good", "both>call>work", "both>call>work"]
    assert len(state.steps["both"].attempts) == 2


async def test_a_block_whose_failure_is_caught_lets_the_run_go_on() -> None:
    flow = Flow()
    flow.world.acts["both>bad"] = failing()
    flow.world.acts["both>long"] = _for_ever
    state = await flow.run(
        steps("""
        - id: both
          type: parallel
          on_failure: continue
          steps: [{id: bad, type: do}, {id: long, type: do}, {id: later, type: do, needs: [long]}]
        - {id: after, type: transform, value: "${{ steps.both.status }}"}
        """)
    )
    assert (state.status, state.steps["after"].output) == ("succeeded", "failed")
    assert {name: state.steps[f"both>{name}"].status for name in ("bad", "long", "later")} == {
        "bad": "failed",
        "long": "cancelled",
        "later": "blocked",
    }


async def test_a_block_that_takes_too_long_is_stopped_with_all_in_it() -> None:
    flow = Flow()
    flow.world.acts["both>long"] = _for_ever
    driver = await flow.start(
        steps("""
        - {id: both, type: parallel, timeout: 500, steps: [{id: long, type: do}]}
        """)
    )
    await until(lambda: flow.done == ["both>long"])
    leap(500)
    state = await flow.finished(driver)
    assert state.failure is not None
    assert (state.status, state.failure.kind) == ("failed", "timeout")
    assert state.steps["both>long"].status == "cancelled"


async def test_context_carries_values_between_stages_and_into_children() -> None:
    child = """
    name: Reads
    steps: [{id: seen, type: transform, value: "${{ context.endpoint }}/${{ context.inner.a }}${{ context.inner.b }}"}]
    outputs: {seen: "${{ steps.seen.output }}"}
    """
    flow = Flow(reads=child)
    state = await flow.run("""
    name: Handed on
    context: {preserve: true}
    stages:
      - name: one
        steps:
          - {id: a, type: transform, value: {endpoint: here, inner: {a: 1}}}
          - {id: b, type: transform, value: {inner: {b: 2}}}
      - name: two
        steps: [{id: call, type: workflow, workflow: reads}]
    """)
    assert state.failure is None
    assert state.steps["call"].output == {"seen": "here/12"}


async def test_everything_is_the_same_when_it_is_replayed() -> None:
    flow = Flow(child=CHILD)
    driver = await flow.start(
        steps("""
        - id: each
          type: workflow
          workflow: child
          parameters: {n: "${{ item }}"}
          foreach: {in: [1, 2, 3], max_parallel: 2}
        """)
    )
    state = await flow.finished(driver)
    assert await flow.replayed(state.run_id) == state
    assert [step["n"] for step in state.steps["each"].output] == [1, 2, 3]


async def test_the_limit_of_a_child_holds_where_it_is_called() -> None:
    child = """
    name: Narrow
    max_parallel: 1
    stages: [{name: both, parallel: true, steps: [{id: a, type: do}, {id: b, type: do}]}]
    """
    flow = Flow(narrow=child)
    most, now = 0, 0

    async def act(deed: Deed) -> Any:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await flow.clock.sleep(1)
        now -= 1

    flow.world.acts = {f"call[{n}]>{name}": act for n in (0, 1) for name in "ab"}
    driver = await flow.start(
        steps("- {id: call, type: workflow, workflow: narrow, foreach: {in: [1, 2], max_parallel: 2}}")
    )
    for _ in range(4):
        await until(lambda: now > 0 or driver.state.over)
        await flow.clock.advance(2)
    assert (await flow.finished(driver)).status == "succeeded"
    assert most == 2
