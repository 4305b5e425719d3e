"""Two runs compared: what is not the same, where they part, and that times are no difference."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.present.compared import comparison_document, comparison_lines
from app.present.comparison import Comparison, compare
from tests.support.flows import Flow, failure, steps
from workflows.engine.fork import Edit
from workflows.errors import CallFailed, UnderstudyError

TEXT = """
name: Flow
parameters: [{name: who, type: string, default: users}]
steps:
  - {id: a, type: do, with_: "${{ parameters.who }}"}
  - id: way
    type: decision
    branches: [{when: "parameters.who == 'users'", steps: [{id: l, type: do}]}]
    default: [{id: r, type: do}]
  - {id: each, type: do, foreach: {in: [1, 2]}, with_: "${{ item }}"}
  - {id: z, type: do, retry: {max_attempts: 2, backoff: immediate}}
"""


def told(found: Comparison) -> str:
    json.dumps(comparison_document(found))
    return "\n".join(line for line, _ in comparison_lines(found))


def changes(found: Comparison) -> dict[str, Any]:
    return {step.address: step.only or [change.what for change in step.changes] for step in found.steps}


async def test_equal_runs_are_the_same_whatever_time_they_took() -> None:
    flow = Flow()
    first = await flow.run(TEXT)
    await flow.clock.advance(99)
    found = compare(first, await flow.run(TEXT))
    assert found.same
    assert found.parts_at == ""
    assert "The same: text, inputs, 7 steps" in told(found)


async def test_inputs_decisions_and_outputs_are_told_in_the_order_of_the_workflow() -> None:
    flow = Flow()
    first = await flow.run(TEXT)
    second = await flow.run(TEXT, who="ops")
    found = compare(first, second)
    assert found.parts_at == "the inputs"
    assert changes(found) == {
        "a": ["input"],
        "way": ["input", "branch"],
        "way>l": first.run_id,
        "way>r": second.run_id,
    }
    text = told(found)
    assert "  who: users → ops" in text
    assert "  branch: parameters.who == 'users' → the default" in text
    assert "way>l: only in a" in text
    assert "4 steps not the same, 4 the same." in text


async def test_tries_failures_and_the_end_are_told() -> None:
    flow = Flow()
    first = await flow.run(TEXT)

    async def fails(deed: Any) -> Any:
        raise CallFailed(failure("transient", "broke"))

    flow.world.acts = {"z": fails}
    found = compare(first, await flow.run(TEXT))
    assert found.parts_at == "z"
    assert changes(found) == {"z": ["status", "tries", "failure", "output"]}
    assert "  status: succeeded → failed" in told(found)
    assert [change.what for change in found.ending] == ["status", "failure", "outputs"]


async def test_a_fork_is_compared_with_what_it_came_from() -> None:
    flow = Flow()
    first = await flow.run(TEXT)
    assert compare(first, await flow.forked(first, "each[1]")).same
    given = await flow.forked(first, "each[1]", Edit("output", 7, "ada"))
    assert changes(compare(first, given)) == {"each[1]": ["input", "given by", "output"]}
    assert changes(compare(first, given, "each")) == {"each[1]": ["input", "given by", "output"]}
    assert compare(first, given, "z").same


async def test_answers_texts_and_steps_that_only_one_has() -> None:
    flow = Flow()
    text = steps("[{id: q, type: question, ask: Which?}, {id: b, type: do}]")
    runs = []
    for answer in ("this", "that"):
        driver = await flow.start(text, attended=True)
        await flow.waiting(driver)
        await driver.answer("q:1", "answer", answer, by=answer)
        runs.append(await flow.finished(driver))
    found = compare(*runs)
    assert changes(found)["q"][0] == "answers"
    assert found.steps[0].changes[0].places[0].path == "[0].value"
    more = await flow.run(steps("[{id: b, type: do}, {id: c, type: do}]"))
    other = compare(runs[0], more)
    assert changes(other) == {"q": runs[0].run_id, "c": more.run_id}
    assert other.text is not None
    assert "+  [{id: b, type: do}, {id: c, type: do}]" in told(other)


async def test_a_step_that_neither_has_is_refused() -> None:
    first = await Flow().run(TEXT)
    with pytest.raises(UnderstudyError, match="Neither run") as refused:
        compare(first, first, "eech")
    assert "Did you mean 'each'?" in refused.value.hint
