"""What changes in a plan is told step by step, and nothing that stays."""

from __future__ import annotations

from app.present.plan_changes import plan_changes

BEFORE = """\
Plan of X
  limit = 1
all
  ○ a     Reads.
          skill read
  ○ both  Does both.
          ○ c  Writes.
               skill write
3 steps · 0 places where a person decides
""".splitlines()


def test_the_same_plan_changes_in_nothing() -> None:
    assert list(plan_changes(BEFORE, BEFORE)) == []


def test_lines_stand_under_the_step_that_they_are_about() -> None:
    after = [*BEFORE]
    after[5:5] = ["          up to 3 tries"]
    after[-1] = "3 steps · 1 place where a person decides"
    assert list(plan_changes(BEFORE, after)) == [
        ("  a", "strong"),
        ("    + up to 3 tries", "good"),
        ("  - 3 steps · 0 places where a person decides", "bad"),
        ("  + 3 steps · 1 place where a person decides", "good"),
    ]


def test_of_a_step_in_another_the_inner_one_is_named() -> None:
    after = [line.replace("skill write", "skill send") for line in BEFORE]
    assert [text for text, _ in plan_changes(BEFORE, after)] == ["  c", "    - skill write", "    + skill send"]
