"""Results that are taken from earlier runs: under which key, by whom not, and what that saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.present.labels import DEMO, step_label
from tests.support.flows import DoFields, Flow, Paid, steps
from workflows.effects import Usage
from workflows.engine.fork import Edit
from workflows.steps.context import Result
from workflows.steps.kind import Description


async def test_what_is_cached_is_taken_from_the_run_that_did_it() -> None:
    text = steps("- {id: a, type: do, cache: true, with_: 1}\n- {id: b, type: do, cache: {key: k, max_age: 1h}}")
    flow = Flow()
    first = await flow.run(text)
    second = await flow.run(text)
    assert flow.done == ["a", "b"]
    assert second.steps["b"].output == {"did": "b"}
    assert second.steps["a"].cached_from == first.run_id
    await flow.clock.advance(4000)
    await flow.run(text)
    assert flow.done == ["a", "b", "b"]


class Paying(Paid):
    """The same, given nothing."""

    fields: ClassVar[type[DoFields]] = DoFields


async def twice(first: str, second: str, **given: Any) -> list[str]:
    """What acts in a second run after a first one."""
    flow = Flow(child=CHILD)
    await flow.run(first)
    before = len(flow.done)
    await flow.run(second, **given)
    return flow.done[before:]


CHILD = (
    "name: Child\nparameters: [{name: n, default: '1'}]\nsteps: [{id: c, type: do, with_: \"${{ parameters.n }}\"}]\n"
)
HOLDS = """
name: Flow
parameters: [{name: who, type: string, default: users}, {name: other, type: string, default: x}]
steps:
  - {id: a, type: transform, value: "${{ parameters.who }}"}
  - id: both
    type: parallel
    cache: true
    steps:
      - {id: l, type: do, with_: "${{ steps.a.output }}"}
      - {id: r, type: do}
"""


@pytest.mark.parametrize(
    ("second", "given", "expected"),
    [
        (HOLDS, {}, []),
        (HOLDS, {"who": "ops"}, ["both>l", "both>r"]),
        (HOLDS.replace("id: r, type: do}", "id: r, type: do, with_: 1}"), {}, ["both>l", "both>r"]),
        (HOLDS.replace("id: r, type: do}", "id: r, type: do, timeout: 9}"), {}, []),
    ],
)
async def test_what_holds_steps_depends_on_all_that_they_are_and_read(
    second: str, given: dict[str, Any], expected: list[str]
) -> None:
    assert await twice(HOLDS, second, **given) == expected


async def test_a_child_workflow_depends_on_what_it_is_given() -> None:
    text = """
    name: Flow
    parameters: [{name: n, type: string, default: '1'}, {name: other, type: string, default: x}]
    steps:
      - {id: w, type: workflow, workflow: child, parameters: {n: "${{ parameters.n }}"}, cache: true}
    """
    assert await twice(text, text, other="y") == []
    assert await twice(text, text, n="2") == ["w>c"]


async def test_items_are_cached_one_by_one() -> None:
    text = steps("- {id: e, type: do, foreach: {in: [1, 2]}, with_: '${{ item }}', cache: true}")
    assert await twice(text, text.replace("[1, 2]", "[2, 3]")) == ["e[1]"]


async def test_a_key_may_be_left_out_where_an_age_is_given() -> None:
    text = steps("- {id: a, type: do, cache: {max_age: 1h}}")
    assert await twice(text, text) == []


async def test_what_turned_out_to_change_something_is_not_kept() -> None:
    """Of a skill that is not there when the file is checked nothing is known."""
    flow = Flow()
    flow.kinds["do"].effect = "unsafe"  # type: ignore[attr-defined]  # known only as it acts
    text = steps("- {id: a, type: do, cache: true}")
    flow.kinds["do"].describe = lambda *_: Description("does something")  # type: ignore[method-assign]
    await flow.run(text)
    await flow.run(text)
    assert flow.done == ["a", "a"]


async def test_a_fresh_run_takes_nothing_and_leaves_its_own() -> None:
    text = steps("- {id: a, type: do, cache: true}")
    flow = Flow()
    await flow.run(text)
    plan = flow.plan(text)
    driver = await flow.engine.start(plan, workflow="flow", source=text, parameters={}, root=Path("."), fresh=True)
    fresh = await flow.finished(driver)
    assert flow.done == ["a", "a"]
    assert fresh.steps["a"].cached_from == ""
    await flow.clock.advance(1)
    assert (await flow.run(text)).steps["a"].cached_from == fresh.run_id


async def test_the_answer_of_a_model_that_costs_nothing_is_kept_and_labelled_as_what_it_is() -> None:
    """Its call names no model to hold money back for: such are those of this machine, and what is written down."""
    flow = Flow()
    flow.kinds["do"].effect = "idempotent"  # type: ignore[attr-defined]  # as a model's turn is
    flow.kinds["do"].describe = lambda *_: Description("does something")  # type: ignore[method-assign]

    async def act(deed: Any) -> Result:
        answer = {"text": "Hello", "model": "demo/scripted", "simulated": True}
        return Result(answer, Usage("demo/scripted", 0, 0, 0, 0.0, simulated=True))

    flow.world.acts = {"a": act, "p>c": act}
    text = steps(
        "- {id: a, type: do, cache: true}\n- {id: b, type: do, with_: 1, cache: true}\n"
        "- {id: p, type: parallel, cache: true, steps: [{id: c, type: do}]}"
    )
    await flow.run(text)
    second = await flow.run(text)
    assert flow.done == ["a", "b", "p>c", "b"], "an act that changes something is done each time"
    assert {id_: step_label(step) for id_, step in second.steps.items()} == {"a": DEMO, "b": "", "p": DEMO}


async def test_what_was_saved_is_known() -> None:
    flow = Flow()
    flow.kinds["paid"] = Paying(flow.world)

    async def act(deed: Any) -> Result:
        return Result("text", Usage("openai/some-model", 1000, 200, 0, 0.25))

    flow.world.acts = {"a": act}
    text = steps("- {id: a, type: paid, cache: true}\n- {id: b, type: do}")
    first = await flow.run(text)
    second = await flow.run(text)
    saved = second.steps["a"].saved
    assert saved is not None
    assert (saved.tokens_in, saved.cost_usd) == (1000, 0.25)
    assert second.spent.cost_usd is None
    # A step that a person has done again is done, cached or not; what comes after it may be taken.
    third = await flow.forked(first, "a")
    assert third.steps["a"].cached_from == ""
    assert third.spent.cost_usd == 0.25
    fourth = await flow.forked(second, "b", Edit("output", 1))
    assert fourth.steps["a"].reused is not None
    assert fourth.steps["a"].reused.run == first.run_id
