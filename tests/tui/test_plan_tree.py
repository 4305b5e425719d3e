"""The lines before the steps of a plan, and what is marked."""

from __future__ import annotations

from textwrap import dedent

from app.tui.plan_tree import GraphRow, graph_rows
from tests.support.catalogue import small_catalogue
from tests.support.kinds import all_kinds
from workflows.definition.parse import parse
from workflows.planning.make import make_plan


def rows_of(text: str) -> list[GraphRow]:
    kinds, catalogue = all_kinds(), small_catalogue()
    parsed = parse(dedent(text), "play.yaml", kinds)
    assert parsed.workflow is not None, [found.message for found in parsed.errors]
    return graph_rows(make_plan(parsed.workflow, kinds, catalogue))


def drawn(text: str) -> list[str]:
    return [f"{row.lines}{row.name}" for row in rows_of(text)]


def test_steps_that_follow_each_other_stand_below_each_other() -> None:
    steps = "".join(f"\n  - {{id: {name}, type: transform, value: 1}}" for name in "abc")
    assert drawn(f"name: Play\nsteps:{steps}\n") == ["○ a", "○ b", "○ c"]
    assert drawn("name: Play\nsteps: [{id: a, type: transform, value: 1}]") == ["○ a"]


def test_stages_are_named_and_lanes_show_what_waits_for_what() -> None:
    assert drawn(
        """
        name: Play
        stages:
          - {name: look, parallel: true, max_parallel: 2, steps: [
              {id: a, type: transform, value: 1}, {id: b, type: transform, value: 1},
              {id: c, type: transform, value: 1}]}
          - {name: act, steps: [{id: d, type: transform, value: 1}]}
          - {name: end, parallel: true, steps: [
              {id: e, type: transform, value: 1}, {id: f, type: transform, value: 1}]}
        """
    ) == [
        "      look · 2 at once",
        "○     a",
        "│ ○   b",
        "│ │ ○ c",
        "│ │ │ act",
        "○─┴─╯ d",
        "│     end · 8 at once",
        "├─○   e",
        "○     f",
    ]


def test_what_is_inside_stands_below_with_its_conditions() -> None:
    assert drawn(
        """
        name: Play
        steps:
          - id: way
            type: decision
            branches:
              - when: "true"
                steps: [{id: left, type: transform, value: 1}, {id: more, type: transform, value: 1}]
            default: [{id: right, type: transform, value: 1}]
          - id: each
            type: parallel
            foreach: {in: [1, 2], as: n, max_parallel: 2}
            steps: [{id: one, type: transform, value: 1}, {id: two, type: transform, value: 2}]
        rollback:
          steps: [{id: back, type: transform, value: 1}]
        """
    ) == [
        "○ way",
        "  when true",
        "  ├ left",
        "  └ more",
        "  otherwise",
        "  └ right",
        "○ each",
        "  ├ one",
        "  └ two",
        "  rollback, after undoing",
        "○ back",
    ]


def test_marks_say_where_a_person_decides_and_what_cannot_be_undone() -> None:
    (row,) = rows_of(
        "name: Play\nsteps:\n"
        "- {id: a, type: transform, value: 1, irreversible: true, when: 'true', retry: {max_attempts: 3}}"
    )
    assert [str(mark) for mark in row.marks] == ["‖ asks you", "! irreversible", "? when", "↻ 3 tries"]
    assert row.path == "a"
