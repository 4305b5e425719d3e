"""From the language to the plan: order, needs, retries, and what the plan says of each step."""

from __future__ import annotations

import json
from textwrap import dedent

from tests.support.catalogue import Listed, small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
from workflows.planning.make import DEFAULT_WIDTH, make_plan
from workflows.planning.plan import Plan, RetryPolicy
from workflows.planning.reading import plan_from_json
from workflows.steps.kind import Entry
from workflows.values import Json


def plan_of(text: str) -> Plan:
    parsed = parse(dedent(text), "test.yaml", all_kinds(), small_catalogue())
    assert parsed.workflow is not None, parsed.diagnostics
    return make_plan(parsed.workflow, all_kinds(), small_catalogue())


def test_a_stage_waits_for_all_of_the_one_before_and_a_sequence_for_its_last() -> None:
    plan = plan_of(
        """
        name: Order
        stages:
          - name: side by side
            parallel: true
            max_parallel: 2
            steps:
              - {id: a, type: transform, value: 1}
              - {id: b, type: transform, value: "${{ steps.a.output }}"}
              - {id: c, type: transform, value: 3, needs: [b]}
              - {id: d, type: transform, value: 4, when: steps.a.output > 0}
          - name: one by one
            steps:
              - {id: e, type: transform, value: 5}
              - {id: f, type: transform, value: 6}
        """
    )
    assert {step.id: step.after for step in plan.steps} == {
        "a": (),
        "b": ("a",),
        "c": ("b",),
        "d": ("a",),
        "e": ("a", "b", "c", "d"),
        "f": ("e",),
    }
    assert [(stage.name, stage.width) for stage in plan.stages] == [("side by side", 2), ("one by one", 1)]
    assert len(plan.reach["a"]) == 5
    assert plan.dependents["e"] == ("f",)


def test_a_parallel_stage_has_a_width_where_it_says_none() -> None:
    plan = plan_of(
        """
        name: Wide
        stages: [{name: a, parallel: true, steps: [{id: a, type: transform, value: 1}]}]
        """
    )
    assert plan.stages[0].width == DEFAULT_WIDTH


def test_retries_and_on_failure_become_a_policy() -> None:
    plan = plan_of(
        """
        name: Retries
        steps:
          - {id: none, type: transform, value: 1}
          - {id: counted, type: transform, value: 1, retry: {max_retries: 2, backoff: fixed, delay: 10m}}
          - {id: bare, type: transform, value: 1, on_failure: retry}
          - {id: gone, type: transform, value: 1, on_failure: continue, timeout: 5m}
        """
    )
    by_id = plan.by_id
    assert by_id["none"].retry == RetryPolicy(attempts=1)
    assert (by_id["counted"].retry.attempts, by_id["counted"].retry.backoff) == (3, "fixed")
    assert (by_id["counted"].retry.delay, by_id["counted"].retry.max_delay) == (600.0, 600.0)
    assert by_id["bare"].retry.attempts == 3
    assert by_id["bare"].on_failure == ""
    assert (by_id["gone"].on_failure, by_id["gone"].timeout) == ("continue", 300.0)


def test_agents_and_their_understudies_perform_in_order() -> None:
    plan = plan_of(
        """
        name: Agents
        steps:
          - {id: write, type: agent, agent: writer, input: hello, fallback: [editor], approve: before}
          - {id: read, type: skill, skill: file.read, parameters: {path: a.txt}, effect: idempotent}
        """
    )
    write, read = plan.steps
    assert write.performers == ("writer", "editor")
    assert [use.reference for use in write.uses] == ["agent:writer", "agent:editor"]
    assert write.approve
    assert read.performers == ("file.read",)
    assert read.effect == "idempotent"
    assert read.fields == {"skill": "file.read", "parameters": {"path": "a.txt"}}


def test_null_stays_null_and_a_plan_survives_json() -> None:
    plan = plan_of(
        """
        name: Nothing
        steps: [{id: a, type: transform, value: null}]
        outputs: {nothing: "${{ steps.a.output }}"}
        """
    )
    assert plan.steps[0].fields == {"value": None}
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))) == plan


def _undone_by(undo: Json, *others: Entry, step: str = "") -> tuple[list[str], str | None]:
    """What is said of a step whose skill has this undo, and the skill that the plan undoes it with."""
    catalogue = Listed(Entry("skill", "act", effect="unsafe", undo=undo), *others)
    parsed = parse(f"name: N\nsteps: [{{id: a, type: skill, skill: act{step}}}]", "t.yaml", all_kinds(), catalogue)
    assert parsed.workflow is not None
    [planned] = make_plan(parsed.workflow, all_kinds(), catalogue).steps
    return [each.message for each in parsed.diagnostics], planned.undo.fields["skill"] if planned.undo else None


def test_a_step_is_undone_as_its_skill_says_unless_it_says_how_itself_or_cannot_be() -> None:
    undo, back = {"skill": "back", "parameters": {}}, Entry("skill", "back")
    assert _undone_by(undo, back) == ([], "back")
    assert _undone_by(undo, back, Entry("skill", "own"), step=", undo: {type: skill, skill: own}") == ([], "own")
    assert _undone_by(undo, back, step=", irreversible: true") == ([], None)


def test_what_is_done_about_a_failure_is_not_undone() -> None:
    catalogue = Listed(Entry("skill", "act", undo={"skill": "back", "parameters": {}}), Entry("skill", "back"))
    text = """
        name: About
        steps: [{id: a, type: transform, value: 1}]
        error_handlers: [{error: any, action: rollback, steps: [act]}]
        rollback: {steps: [{id: b, type: skill, skill: act}]}
        finally: {steps: [{id: c, type: skill, skill: act}]}
        """
    parsed = parse(dedent(text), "t.yaml", all_kinds(), catalogue)
    assert parsed.workflow is not None
    plan = make_plan(parsed.workflow, all_kinds(), catalogue)
    assert [(step.id, step.undo) for step in plan.all_steps if step.kind == "skill"] == [
        ("act", None),
        ("b", None),
        ("c", None),
    ]


def test_a_skill_whose_undo_cannot_be_is_told_before_it_acts() -> None:
    undo = {"skill": "back", "parameters": {}}
    wrong = "the skill 'act' cannot be used: what it says of its undo is wrong: "
    needs = {"type": "object", "properties": {"to": {}}, "required": ["to"]}
    assert _undone_by(undo)[0] == [wrong + "there is no skill 'back'"]
    assert _undone_by(undo, Entry("skill", "back", parameters=needs))[0] == [
        wrong + "the skill 'back' needs the parameter 'to'"
    ]


def test_steps_beside_each_other_read_the_item_by_the_name_it_was_given() -> None:
    plan = plan_of(
        """
        name: Items
        steps:
          - id: each
            type: parallel
            foreach: {in: [1, 2], as: outer}
            steps:
              - id: inner
                type: parallel
                foreach: {in: [1, 2], as: n}
                when: outer > n
                steps:
                  - {id: one, type: transform, value: "${{ n * outer }}"}
                  - {id: two, type: transform, value: "${{ steps.one.output + n }}"}
        """
    )
    [inner] = plan.steps[0].each.step.inside[0].steps  # type: ignore[union-attr]  # it is done for each item
    assert inner.each is not None
    assert inner.each.step.when == "outer > n"
    assert [step.after for step in inner.each.step.inside[0].steps] == [(), ("one",)]
