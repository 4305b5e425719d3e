"""A dry run plays a plan through without doing anything, and says where it would not come to its end."""

from __future__ import annotations

import pytest

from composer.inventory import Inventory, Item
from composer.rehearsal import Rehearsed, rehearse
from tests.support.flows import Flow, steps
from workflows.definition.parse import parse

INVENTORY = Inventory((Item("skill", "tidy", "", returns="{files: [{path, size}], ok}"),), ())


async def rehearsed(text: str) -> tuple[Rehearsed, Flow]:
    flow = Flow()
    plan = flow.plan(text)
    workflow = parse(text, "flow.yaml", flow.kinds, flow.catalogue).workflow
    assert workflow is not None
    return await rehearse(plan, workflow, flow.kinds, INVENTORY), flow


async def test_nothing_is_done_and_every_step_comes_to_its_end() -> None:
    played, flow = await rehearsed(
        steps(
            """
            - {id: tidy, type: skill, skill: tidy, irreversible: true}
            - {id: wait, type: delay, for: 9h}
            - {id: ask, type: question, ask: How many?, schema: {type: integer}}
            - {id: each, type: do, foreach: {in: "${{ steps.tidy.output.files }}", as: file}, with_: "${{ file.path }}"}
            - {id: sure, type: approval, show: "${{ steps.ask.output + 1 }}"}
            """
        )
    )
    assert played.problems == ()
    assert played.done >= 5
    assert flow.done == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- {id: a, type: transform, value: '${{ 1 / 0 }}'}", "step 'a' failed in a dry run"),
        ("- {id: a, type: skill, skill: tidy, output_schema: {type: integer, minimum: 5}}", "step 'a' failed"),
    ],
)
async def test_what_cannot_come_to_its_end_is_a_problem(line: str, said: str) -> None:
    played, _ = await rehearsed(steps(line))
    assert any(said in problem for problem in played.problems), played


async def test_an_output_is_made_up_to_fit_its_schema() -> None:
    schema = "{type: object, required: [n], properties: {n: {type: integer}}}"
    line = f"- {{id: a, type: skill, skill: tidy, output_schema: {schema}}}"
    played, _ = await rehearsed(steps(line))
    assert played.problems == ()
