"""What a sentence demands, in seven languages, and what is made of it in a workflow's text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.constraints import Constraint, hold, read_constraints, without
from tests.support.kinds import all_kinds
from workflows.definition.model import Workflow
from workflows.definition.parse import parse

CASES = Path(__file__).parent / "constraints.txt"


def shown(constraint: Constraint) -> str:
    """A constraint on one line: its kind, and what tells it from others of its kind."""
    name = type(constraint).__name__
    for field in ("before", "usd", "most", "seconds", "attempts", "every", "cron"):
        if value := getattr(constraint, field, None):
            name += f":{value:g}" if isinstance(value, int | float) else f":{value}"
    for field in ("when", "channel", "zone"):
        if value := getattr(constraint, field, ""):
            name += f"/{value}"
    return name


@pytest.mark.parametrize("line", CASES.read_text(encoding="utf-8").splitlines())
def test_what_is_demanded_is_read_and_nothing_else(line: str) -> None:
    sentence, wanted = line.split(" | ") if " | " in line else (line.removesuffix(" |"), "")
    assert " ".join(shown(each) for each in read_constraints(sentence)) == wanted.strip()


TEXT = """\
name: Ship   # kept
parameters: [{name: version, default: v1}]
stages:
  - name: gather
    steps:
      - {id: logs, type: skill, skill: log.summary, parameters: {path: a.log}}
      - {id: history, type: skill, skill: git.log}
      - {id: pages, type: skill, skill: web.page, foreach: {in: [a, b]}, parameters: {url: "${{ item }}"}}
  - name: out
    steps:
      - {id: deploy, type: skill, skill: command, parameters: {argv: [deploy, "${{ parameters.version }}"]}}
      - {id: report, type: skill, skill: file.write, parameters: {path: R.md, text: "${{ steps.logs.output }}"}}
outputs: {file: "${{ steps.report.output.path }}", lines: "${{ steps.logs.output }}"}
"""


def read(text: str) -> Workflow | None:
    parsed = parse(text, "draft.yaml", all_kinds())
    return parsed.workflow if parsed.valid else None


def held(sentence: str, text: str = TEXT) -> Workflow:
    made = hold(text, read_constraints(sentence), read)
    assert all(demand.held for demand in made.demands), made.demands
    assert "# kept" in made.text or text is not TEXT
    workflow = read(made.text)
    assert workflow is not None
    return workflow


def step(workflow: Workflow, id_: str) -> object:
    return next(each for each in workflow.steps if each.id == id_)


def test_a_gate_stands_before_what_is_meant() -> None:
    assert [s.id for s in held("ask me before you write it").steps if s.approve] == ["report"]
    assert [s.id for s in held("frag mich bevor du es ausrollst").steps if s.approve] == ["deploy"]


def test_what_must_not_be_touched_loses_the_steps_that_write_and_what_read_them() -> None:
    workflow = held("summarise the log, don't change any files")
    assert "report" not in {each.id for each in workflow.steps}
    assert set(workflow.outputs) == {"lines"}


def test_budgets_limits_and_schedules_are_set() -> None:
    workflow = held("at most 2 dollars, give up after 10 minutes, every monday at 7:30 Madrid time")
    assert workflow.budget is not None
    assert workflow.budget.usd == 2
    assert workflow.timeout == 600
    assert [(rule.cron, rule.timezone) for rule in workflow.schedules] == [("30 7 * * 1", "Europe/Madrid")]


def test_a_list_is_worked_on_so_many_at_a_time() -> None:
    pages = next(each for each in held("three at a time").steps if each.id == "pages")
    assert pages.foreach is not None
    assert pages.foreach.max_parallel == 3


def test_what_needs_nothing_of_each_other_runs_together() -> None:
    text = TEXT.replace(", foreach: {in: [a, b]}", "").replace("${{ item }}", "x")
    workflow = held("collect it all in parallel", text)
    assert any(stage.parallel or any(s.type == "parallel" for s in stage.steps) for stage in workflow.stages)


def test_failures_are_told_and_put_back() -> None:
    workflow = held("if it fails roll back, and tell me when it goes wrong")
    assert any(each.on_failure == "rollback" for each in workflow.steps)
    assert all(each.notify for each in workflow.steps)


def test_an_euro_is_taken_for_a_dollar_and_that_is_said() -> None:
    made = hold(TEXT, read_constraints("max 50 euro cents"), read)
    assert made.assumed == ("50 euro cents is taken for 0.5 US dollars: budgets are in dollars",)


def test_what_cannot_be_held_is_said_and_changes_nothing() -> None:
    small = "name: Small\nsteps: [{id: a, type: transform, value: 1}]\n"
    for sentence in ("ask me before you write", "in parallel", "if it fails roll back", "mail me when it fails"):
        made = hold(small, read_constraints(sentence), read)
        assert made.text == small
        assert [(demand.held, bool(demand.how)) for demand in made.demands] == [(False, True)]


def test_what_is_held_once_is_held() -> None:
    for sentence in ("ask me before you write it", "at most $1", "three at a time", "every day at 6", "retry it twice"):
        once = hold(TEXT, read_constraints(sentence), read)
        again = hold(once.text, read_constraints(sentence), read)
        assert again.text == once.text
        assert [demand.how for demand in again.demands] == ["it is so already"] * len(again.demands)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    found = read_constraints(text)
    assert len(without(text, found)) == len(text)
    assert hold(TEXT, found, read).text
