"""Runs that begin in the middle of another one: what they take over, what they do again, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.present.ending import taken_back
from tests.support.flows import Flow, failure, steps
from tests.support.plans import until
from workflows.engine.fork import Edit, fork
from workflows.errors import CallFailed, UnderstudyError
from workflows.planning.plan import Plan, Use
from workflows.runs import events as e
from workflows.runs.reduce import replay
from workflows.runs.state import RunState

CHAIN = steps("""
    - {id: a, type: do}
    - {id: b, type: do, with_: "${{ steps.a.output.did }}"}
    - {id: c, type: do, with_: "${{ steps.b.output }}"}
""")


async def again(
    flow: Flow, origin: RunState, at: str, edit: Edit | None = None, **more: Any
) -> tuple[RunState, list[str]]:
    """A fork taken to its end, and the steps that acted in it. Its journal gives the same state."""
    before = len(flow.done)
    state = await flow.forked(origin, at, edit, **more)
    assert await flow.replayed(state.run_id) == state
    return state, flow.done[before:]


async def test_only_what_comes_after_is_done_again() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    state, done = await again(flow, origin, "b")
    assert done == ["b", "c"]
    assert state.status == "succeeded"
    assert {name: step.output for name, step in state.steps.items()} == {
        name: step.output for name, step in origin.steps.items()
    }
    assert state.forked_from == origin.run_id
    assert state.fork_at == "b"
    assert state.steps["a"].reused is not None
    assert state.steps["a"].reused.run == origin.run_id
    assert await flow.replayed(origin.run_id) == origin


async def test_without_an_address_all_is_done_again() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    state, done = await again(flow, origin, "")
    assert done == ["a", "b", "c"]
    assert state.forked_from == origin.run_id


async def test_the_keys_of_what_is_done_again_are_its_own() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    await again(flow, origin, "c")
    assert len({deed.key for deed in flow.world.of("c")}) == 2


async def test_a_fork_of_a_fork_names_the_run_that_did_it() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    second, _ = await again(flow, origin, "b")
    third, done = await again(flow, second, "c")
    assert done == ["c"]
    runs = {name: step.reused.run for name, step in third.steps.items() if step.reused}
    assert runs == {"a": origin.run_id, "b": second.run_id}


async def test_a_given_output_stands_and_only_what_is_after_it_is_done() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    state, done = await again(flow, origin, "b", Edit("output", {"typed": 1}, "ada"))
    assert done == ["c"]
    assert state.steps["c"].input["with_"] == {"typed": 1}
    assert state.steps["b"].reused is not None
    assert state.steps["b"].reused.by == "ada"


async def test_an_edited_input_counts() -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    given = {**origin.steps["b"].input, "with_": "other"}
    state, done = await again(flow, origin, "b", Edit("input", given, "ada"))
    assert done == ["b", "c"]
    assert flow.world.of("b")[-1].input == given
    assert state.steps["b"].generation == 2


@pytest.mark.parametrize(
    ("at", "edit", "words"),
    [
        ("zz", None, "no step 'zz'"),
        ("a~undo", None, "Begin at `--from a`"),
        ("aa", None, "It has: a, b, c"),
        ("b", Edit("input", {"other": 1}), "these fields: with_, skill"),
        ("b", Edit("input", None), "these fields"),
    ],
)
async def test_what_cannot_be_is_refused(at: str, edit: Edit | None, words: str) -> None:
    flow = Flow()
    origin = await flow.run(CHAIN)
    with pytest.raises(UnderstudyError) as refused:
        fork(origin, at, origin.plan, origin.parameters, edit)
    assert words in f"{refused.value.message} {refused.value.hint}"


PARALLEL = """
name: Flow
parameters:
  - {name: who, type: string, default: users}
  - {name: what, type: string, default: news}
stages:
  - name: gather
    parallel: true
    steps:
      - {id: left, type: do, with_: "${{ parameters.who }}"}
      - {id: right, type: do, with_: "${{ parameters.what }}"}
      - {id: after, type: do, with_: "${{ steps.left.output }}"}
  - name: write
    steps:
      - {id: write, type: do}
"""


async def test_siblings_of_a_parallel_stage_stand() -> None:
    flow = Flow()
    origin = await flow.run(PARALLEL)
    _, done = await again(flow, origin, "left")
    assert done == ["left", "after", "write"]


async def test_what_reads_a_changed_parameter_is_done_again_wherever_it_stands() -> None:
    flow = Flow()
    origin = await flow.run(PARALLEL)
    _, done = await again(flow, origin, "write", who="developers")
    assert done == ["left", "after", "write"]
    begun = fork(origin, "write", origin.plan, {**origin.parameters, "who": "x"})
    assert begun.fates["left"].why == "it reads who, which is given anew"
    assert begun.fates["after"].why == "it comes after left"


async def test_another_text_has_done_again_what_it_changed() -> None:
    flow = Flow()
    origin = await flow.run(PARALLEL)
    changed = PARALLEL.replace("parameters.what }}", "parameters.what }}!")
    _, done = await again(flow, origin, "write", text=changed)
    assert done == ["right", "write"]
    same = PARALLEL.replace("id: left, type: do", "id: left, type: do, timeout: 99")
    _, done = await again(flow, origin, "write", text=same)
    assert done == ["write"]
    more = PARALLEL.replace("      - {id: write", "      - {id: look, type: do}\n      - {id: write")
    _, done = await again(flow, origin, "look", text=more)
    assert done == ["look", "write"]
    less = PARALLEL.replace('      - {id: after, type: do, with_: "${{ steps.left.output }}"}\n', "")
    state, done = await again(flow, origin, "write", text=less)
    assert done == ["write"]
    assert "after" not in state.steps
    with pytest.raises(UnderstudyError, match="no step 'after' any more"):
        fork(origin, "after", flow.plan(less), origin.parameters)


DEEP = steps("""
    - {id: first, type: do}
    - id: each
      type: parallel
      foreach: {in: [1, 2, 3]}
      steps:
        - {id: x, type: do, with_: "${{ item }}"}
        - {id: y, type: do, with_: "${{ steps.x.output }}"}
    - id: child
      type: workflow
      workflow: child
    - id: way
      type: decision
      branches: [{when: "1 == 1", steps: [{id: l1, type: do}, {id: l2, type: do}]}]
      default: [{id: r1, type: do}]
    - {id: last, type: do, with_: "${{ [steps.each.output, steps.l1.output, steps.child.output] }}"}
""")
CHILD = """
name: Child
steps:
  - {id: one, type: do}
  - {id: two, type: do, with_: "${{ steps.one.output }}"}
outputs: {two: "${{ steps.two.output }}"}
finally:
  steps: [{id: tidy, type: do}]
"""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("each[1]", "each[1]>x each[1]>y child>one child>two child>tidy way>l1 way>l2 last"),
        ("each[1]>y", "each[1]>y child>one child>two child>tidy way>l1 way>l2 last"),
        ("child>two", "child>two child>tidy way>l1 way>l2 last"),
        ("way>l2", "way>l2 last"),
        ("way", "way>l1 way>l2 last"),
        ("last", "last"),
    ],
)
async def test_a_fork_begins_at_any_depth(at: str, expected: str) -> None:
    flow = Flow(child=CHILD)
    origin = await flow.run(DEEP)
    state, done = await again(flow, origin, at)
    # Steps of a block of `parallel` whose order is free are compared as a set.
    assert sorted(done) == sorted(expected.split())
    assert state.steps["last"].input == origin.steps["last"].input
    second, done = await again(flow, state, "each[2]>y")
    assert sorted(done) == sorted(["each[2]>y", "child>one", "child>two", "child>tidy", "way>l1", "way>l2", "last"])
    assert second.steps["last"].input == origin.steps["last"].input


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("y", "--from 'each[0]>y'"),
        ("[1]", "--from 'each[1]'"),
        ("way>r1", "Nothing was done in run"),
        ("each[7]", "Nothing was done in run"),
        ("child>tidy", "done anew"),
    ],
)
async def test_places_where_no_fork_begins(at: str, words: str) -> None:
    flow = Flow(child=CHILD)
    origin = await flow.run(DEEP)
    with pytest.raises(UnderstudyError) as refused:
        fork(origin, at, origin.plan, origin.parameters)
    assert words in f"{refused.value.message} {refused.value.hint}"


async def test_an_item_can_be_given_an_output() -> None:
    flow = Flow(child=CHILD)
    origin = await flow.run(DEEP)
    state, _ = await again(flow, origin, "each[1]", Edit("output", "mine"))
    assert state.steps["each"].output[1] == "mine"
    with pytest.raises(UnderstudyError, match="holds other steps"):
        fork(origin, "each", origin.plan, origin.parameters, Edit("input", {"items": []}))


async def test_a_race_is_run_again_as_a_whole() -> None:
    flow = Flow()
    origin = await flow.run(
        steps("""
        - id: race
          type: parallel
          wait_for: first
          steps: [{id: l, type: do}, {id: r, type: delay, for: 99}]
        - {id: z, type: do}
        """)
    )
    assert origin.steps["race>r"].status == "cancelled"
    state, done = await again(flow, origin, "race>r")
    assert done == ["race>l", "z"]
    assert state.steps["race"].output == origin.steps["race"].output
    state, done = await again(flow, origin, "z")
    assert done == ["z"]
    assert state.steps["race>r"].status == "cancelled"


RACE = """
    - {id: before, type: do}
    - id: race
      type: parallel
      wait_for: first
      steps:
        - {id: l, type: do}
        - id: r
          type: parallel
          steps: [{id: x, type: do}, {id: y, type: do, needs: [x]}, {id: ok, type: approval, show: "Go?"}]
    - {id: z, type: do}
"""


def started(state: RunState) -> set[str]:
    return {step.id for step in state.steps.values() if step.started is not None and step.reused is None}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: y, type: do", "id: y, type: do, with_: 2"),
        ("id: l, type: do", "id: l, type: do, with_: 2"),
        ("- {id: l, type: do}", "- {id: l, type: do}\n        - {id: n, type: approval, show: New?}"),
        (', {id: ok, type: approval, show: "Go?"}', ""),
    ],
)
async def test_all_race_again_where_the_text_of_one_has_changed(old: str, new: str) -> None:
    flow = Flow()
    origin = await flow.run(steps(RACE))
    assert origin.steps["race>r"].status == "cancelled"
    state, done = await again(flow, origin, "z", text=steps(RACE.replace(old, new)))
    assert {"race>l", "race>r>x", "z"} <= set(done), "who was stopped only because another was first has another chance"
    assert "before" not in done
    assert state.status == "succeeded"


async def test_a_fork_that_begins_inside_of_one_that_lost_has_all_others_race_again() -> None:
    flow = Flow()
    origin = await flow.run(steps(RACE))
    begun = fork(origin, "race>r>ok", origin.plan, {})
    assert {address: fate.lot for address, fate in begun.fates.items()} == {
        "before": "reused", "race": "goes on", "race>l": "again", "race>r": "goes on", "race>r>x": "reused",
        "race>r>y": begun.fates["race>r>y"].lot, "race>r>ok": "again", "z": "again",
    }  # fmt: skip
    state, done = await again(flow, origin, "race>r>ok")
    assert (state.status, "race>l" in done, "race>r>x" in done) == ("succeeded", True, False)


@pytest.mark.parametrize(("at", "other"), [("race>l", "race>r"), ("race>r", "race>l")])
async def test_who_is_given_an_output_is_first_and_nobody_else_begins(at: str, other: str) -> None:
    flow = Flow()
    origin = await flow.run(steps(RACE))
    state, done = await again(flow, origin, at, Edit("output", "mine"))
    assert (done, state.steps["race"].output) == (["z"], {at.removeprefix("race>"): "mine"})
    assert other not in started(state)
    assert other not in fork(origin, at, origin.plan, {}, Edit("output", "mine")).fates


async def test_who_was_first_stays_so_in_a_race_that_was_not_over() -> None:
    flow = Flow()
    whole = await flow.run(steps(RACE))
    journal = await flow.store.read(whole.run_id)
    won = next(each.seq for each in journal if isinstance(each.event, e.StepFinished) and each.event.step == "race>l")
    origin = replay(whole.run_id, journal[:won])
    assert (origin.steps["race"].status, origin.steps["race>r"].status) == ("running", "running")
    state, done = await again(flow, origin, "z")
    assert (done, state.steps["race"].output) == (["z"], whole.steps["race"].output)
    assert "race>r" not in started(state)


async def test_all_race_again_where_nobody_was_first() -> None:
    flow = Flow()
    text = RACE.replace("{id: l, type: do}", "{id: l, type: do, on_failure: continue}")
    flow.world.acts["race>l"] = fails
    driver = await flow.start(steps(text))
    await until(lambda: len(driver.committed.open_inquiries) == 1 and driver.committed.steps["race>l"].over)
    begun = fork(driver.committed, "z", driver.committed.plan, {})
    assert begun.fates["race>l"].why == begun.fates["race>r"].why == "all race again"
    driver.cancel()
    await flow.finished(driver)


async def test_what_failed_is_done_again_and_what_was_tolerated_stands() -> None:
    flow = Flow()

    async def fails(deed: Any) -> Any:
        raise CallFailed(failure())

    flow.world.acts = {"b": fails, "d": fails}
    text = steps("""
        - {id: a, type: do}
        - {id: b, type: do, on_failure: continue}
        - {id: c, type: do}
        - {id: d, type: do}
        - {id: e, type: do}
    """)
    origin = await flow.run(text)
    assert origin.status == "failed"
    flow.world.acts = {}
    state, done = await again(flow, origin, "e")
    assert done == ["d", "e"]
    assert state.status == "succeeded"
    assert state.steps["b"].status == "failed"
    _, done = await again(flow, origin, "b")
    assert done == ["b", "c", "d", "e"]


async def test_effects_of_the_other_run_are_not_undone_twice() -> None:
    flow = Flow()

    async def fails(deed: Any) -> Any:
        raise CallFailed(failure())

    text = steps("""
        - {id: a, type: unsafe, undo: {type: do}}
        - {id: b, type: unsafe, undo: {type: do}}
        - {id: c, type: do, on_failure: rollback}
    """)
    origin = await flow.run(text)
    assert origin.status == "succeeded"
    flow.world.acts = {"c": fails}
    state, done = await again(flow, origin, "b")
    assert done == ["b", "c", "b~undo"]
    assert state.steps["a"].status == "succeeded"
    assert [back.words for back in taken_back(state)] == ["rolled back: 1 step undone; what was reused stays: a"]
    # What was undone is done again: its effect is no longer there.
    flow.world.acts = {}
    _, done = await again(flow, state, "c")
    assert done == ["b", "c"]


async def test_what_was_undone_as_a_whole_is_done_again_as_a_whole() -> None:
    flow = Flow(child=CHILD)

    async def fails(deed: Any) -> Any:
        raise CallFailed(failure())

    flow.world.acts = {"c": fails}
    text = steps("""
        - {id: child, type: workflow, workflow: child, undo: {type: do}}
        - {id: c, type: do, on_failure: rollback}
    """)
    origin = await flow.run(text)
    assert origin.steps["child"].status == "undone"
    flow.world.acts = {}
    begun = fork(origin, "c", origin.plan, {})
    assert begun.fates["child"].why == f"it was undone in run {origin.run_id}"
    _, done = await again(flow, origin, "c")
    assert done == ["child>one", "child>two", "child>tidy", "c"]
    with pytest.raises(UnderstudyError, match="a part of child, all of which is done again: it was undone"):
        fork(origin, "child>two", origin.plan, {})


async def test_approvals_are_not_carried_to_what_is_done_again() -> None:
    flow = Flow()
    text = steps("""
        - {id: ok, type: approval, show: "Go?"}
        - {id: b, type: do, approve: before}
    """)
    driver = await flow.start(text, attended=True)
    await flow.waiting(driver)
    await driver.answer("ok:1", "approve", by="ada")
    await flow.waiting(driver)
    await driver.answer("b:1", "approve", by="ada")
    origin = await flow.finished(driver)
    driver = await flow.fork(origin, "b", attended=True)
    await flow.waiting(driver)
    assert [each.asked.entry for each in driver.committed.open_inquiries] == ["b:1"]
    await driver.answer("b:1", "approve", by="bob")
    assert (await flow.finished(driver)).status == "succeeded"


async def test_a_run_under_way_is_forked_as_far_as_it_came() -> None:
    flow = Flow()
    text = steps("""
        - {id: a, type: do}
        - id: each
          foreach: {in: [1, 2, 3], max_parallel: 1}
          type: do
          with_: "${{ item }}"
          approve: before
        - {id: z, type: do}
    """)
    driver = await flow.start(text, attended=True)
    await flow.waiting(driver, 3)
    await driver.answer("each[0]:1", "approve")
    await until(lambda: driver.committed.steps["each[0]"].over)
    assert flow.done == ["a", "each[0]"]
    fork_driver = await flow.fork(driver.committed, "z", attended=True)
    await flow.waiting(fork_driver, 2)
    await fork_driver.answer("each[1]:1", "approve")
    await fork_driver.answer("each[2]:1", "approve")
    state = await flow.finished(fork_driver)
    assert flow.done == ["a", "each[0]", "each[1]", "each[2]", "z"]
    assert state.steps["each"].output == [{"did": f"each[{index}]"} for index in range(3)]
    assert not driver.committed.over
    with pytest.raises(UnderstudyError, match="No input can be given to z yet: it comes after each"):
        fork(driver.committed, "z", driver.committed.plan, {}, Edit("input", {}))


async def test_a_fork_is_one_commit() -> None:
    """Whoever dies while a run is forked leaves the whole beginning of it, or nothing."""
    flow = Flow()
    origin = await flow.run(CHAIN)
    begun = fork(origin, "c", origin.plan, origin.parameters)
    created: list[int] = []
    create = flow.store.create

    async def counting(run_id: str, owner: str, events: Any, summary: Any) -> Any:
        created.append(len(events))
        assert replay(run_id, events).steps["b"].reused
        return await create(run_id, owner, events, summary)

    flow.store.create = counting  # type: ignore[method-assign]  # to see what one commit holds
    await flow.forked(origin, "c")
    assert created == [1 + len(begun.events)]


async def test_code_that_changed_is_taken_as_it_is_now() -> None:
    flow = Flow()
    text = steps("[{id: a, type: skill, skill: tidy}, {id: b, type: skill, skill: tidy}]")
    origin = await flow.run(text)
    flow.code = {"skill:tidy": "new"}
    plan = replace_digests(origin.plan)
    begun = fork(origin, "b", plan, {})
    driver = await flow.engine.fork(origin, begun, plan, source=text, parameters={}, environment={})
    state = await flow.finished(driver)
    assert state.status == "succeeded"
    assert dict(state.digests) == {"skill:tidy": "new"}


def replace_digests(plan: Plan) -> Plan:
    """The plan of a run that began with other code."""
    old = (Use("skill", "tidy", "old"),)
    return replace(plan, steps=tuple(replace(step, uses=old) for step in plan.steps))


async def test_values_that_only_look_equal_are_others() -> None:
    flow = Flow()
    text = "name: F\nparameters: [{name: n, type: array}]\n" + CHAIN.partition("\n")[2].replace(
        'with_: "${{ steps.b.output }}"', "with_: 1"
    ).replace("{id: a, type: do}", '{id: a, type: do, with_: "${{ parameters.n }}"}')
    origin = await flow.run(text, n=[1])
    assert (await again(flow, origin, "c", n=[True]))[1] == ["a", "b", "c"]
    assert (await again(flow, origin, "b", text=text.replace("with_: 1", "with_: true")))[1] == ["b", "c"]
    first_changed = text.replace('with_: "${{ steps.a.output.did }}"', "with_: 0")
    origin = await flow.run(first_changed, n=[1])
    assert (await again(flow, origin, "c", text=first_changed.replace("with_: 0", "with_: false")))[1] == ["b", "c"]


@pytest.mark.parametrize(("target", "asked"), [("staging", 0), ("production", 1)])
async def test_who_was_shown_another_environment_is_asked_again(target: str, asked: int) -> None:
    flow = Flow()
    text = (
        "name: F\nenv: [TARGET]\n"
        + steps("""
        - {id: a, type: do}
        - id: both
          type: parallel
          steps:
            - {id: gate, type: approval, show: "To ${{ env.TARGET }}?"}
            - {id: beside, type: do}
        - {id: go, type: do, with_: "${{ env.TARGET }}"}
    """).partition("\n")[2]
    )
    driver = await flow.start(text, environ={"TARGET": "staging"})
    await flow.waiting(driver)
    await driver.answer("both>gate:1", "approve")
    origin = await flow.finished(driver)
    before = len(flow.done)
    driver = await flow.fork(origin, "go", environ={"TARGET": target})
    if asked:
        await flow.waiting(driver)
        assert driver.committed.open_inquiries[0].asked.title == "To production?"
        await driver.answer("both>gate:1", "deny")
    state = await flow.finished(driver)
    assert (flow.done[before:], state.status) == (([], "failed") if asked else (["go"], "succeeded"))


async def fails(deed: Any) -> Any:
    raise CallFailed(failure())


async def test_what_was_undone_inside_of_a_step_that_succeeded_is_done_again() -> None:
    flow = Flow()
    flow.add(
        "sub",
        """
        name: Sub
        parameters: [{name: v, type: integer}]
        steps:
          - {id: x, type: do, undo: {type: do}}
          - {id: y, type: do}
        """,
    )
    text = steps("""
        - {id: each, foreach: {in: [1, 2]}, type: workflow, workflow: sub, parameters: {v: "${{ item }}"}}
        - {id: still, type: parallel, steps: [{id: s, type: do}]}
        - {id: bad, type: do, on_failure: rollback}
    """)
    flow.world.acts = {"bad": fails}
    origin = await flow.run(text)
    assert (origin.status, origin.steps["each[1]>x"].status) == ("failed", "undone")
    flow.world.acts = {}
    state, done = await again(flow, origin, "bad")
    assert state.status == "succeeded"
    assert {"each[0]>x", "each[0]>y", "each[1]>x", "each[1]>y", "bad"} <= set(done)
    assert state.steps["each[1]>x"].status == "succeeded"


async def test_what_a_part_took_back_itself_before_the_run_went_on_stays_so() -> None:
    flow = Flow()
    flow.add(
        "sub",
        """
        name: Sub
        steps:
          - {id: x, type: do, undo: {type: do}}
          - {id: y, type: do, on_failure: rollback}
        """,
    )
    text = steps("""
        - {id: part, type: parallel, steps: [{id: child, type: workflow, workflow: sub, on_failure: continue}]}
        - {id: last, type: do}
    """)
    flow.world.acts = {"part>child>y": fails}
    origin = await flow.run(text)
    assert (origin.status, origin.steps["part>child>x"].status) == ("succeeded", "undone")
    assert (await again(flow, origin, "last"))[1] == ["last"]
