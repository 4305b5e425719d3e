"""The lines beside the steps: what waits for what, in as few columns as say it."""

from __future__ import annotations

from app.tui.lanes import draw, lanes_of
from tests.support.plans import parallel, step


def drawn(needs: dict[str, list[str]], **more: bool) -> list[str]:
    return [f"{lane.line}  {name}".rstrip() for name, lane in draw(needs, **more).items()]


def test_a_fork_and_a_join_are_told_apart() -> None:
    needs = {
        "trigger": [],
        "issues": ["trigger"],
        "prs": ["trigger"],
        "dedupe": ["issues", "prs"],
        "ci": ["trigger"],
        "merge": ["dedupe", "ci"],
    }
    assert drawn(needs) == [
        "●      trigger",
        "├─●    issues",
        "├─│─●  prs",
        "│ ●─╯  dedupe",
        "● │    ci",
        "●─╯    merge",
    ]


def test_steps_that_begin_together_have_lanes_of_their_own() -> None:
    assert drawn({"log": [], "tests": [], "notes": ["log", "tests"], "publish": ["notes"]}) == [
        "●    log",
        "│ ●  tests",
        "●─╯  notes",
        "●    publish",
    ]


def test_all_of_one_stage_before_all_of_the_next() -> None:
    needs: dict[str, list[str]] = {"a": [], "b": [], "c": ["a", "b"], "d": ["a", "b"], "e": ["c", "d"]}
    assert drawn(needs) == ["●      a", "│ ●    b", "├─┼─●  c", "●─╯ │  d", "●───╯  e"]


def test_where_there_would_be_too_many_lanes_those_to_the_same_step_are_one() -> None:
    many = [step(f"part{n}", "play") for n in range(12)]
    plan = parallel(*many, step("join", "play", after=tuple(each.id for each in many)))
    lanes = lanes_of(plan)
    assert {len(lane.line) for lane in lanes.values()} == {3}
    assert [lane.line for lane in lanes.values()][1:] == ["├─●"] * 11 + ["●  "]


def test_what_needs_more_lanes_than_there_are_has_none() -> None:
    needs: dict[str, list[str]] = {f"a{n}": [] for n in range(10)} | {f"b{n}": [f"a{n}"] for n in range(10)}
    assert draw(needs) == {} == draw(needs, bundled=True)


def test_a_wide_stage_before_a_wide_stage_costs_next_to_nothing() -> None:
    many = [step(f"a{n}", "play") for n in range(150)]
    later = [step(f"b{n}", "play", after=tuple(each.id for each in many)) for n in range(150)]
    assert {len(lane.line) for lane in lanes_of(parallel(*many, *later)).values()} == {3}


def test_steps_that_just_follow_each_other_need_no_lines() -> None:
    assert lanes_of(parallel(step("a", "play"), step("b", "play", after=("a",)))) == {}


def test_what_is_waited_for_through_another_step_has_no_line_of_its_own() -> None:
    plan = parallel(step("a", "play"), step("b", "play", after=("a",)), step("c", "play", after=("a", "b")))
    assert lanes_of(plan) == {}


def test_a_need_that_stands_below_draws_nothing_wrong() -> None:
    needs = {"late": ["early"], "early": [], "both": ["late", "early"]}
    assert drawn(needs) == [
        "●    late",
        "│ ●  early",
        "●─╯  both",
    ]
