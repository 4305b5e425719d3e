"""How runs end that did not simply succeed: rolled back, cancelled, with warnings; and what `show` tells of them."""

from __future__ import annotations

import pytest

from tests.support.command_line import CommandLine

ROLLS_BACK = """\
name: Rolls back
parameters: [{name: undo, default: "0"}, {name: roll, default: "0"}]
steps:
  - id: each
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "exit 0"]}
    foreach: {in: [a, b]}
    undo:
      type: skill
      skill: command
      parameters: {argv: [sh, -c, "exit ${{ parameters.undo if item == 'a' else 0 }}"]}
  - {id: bad, type: skill, skill: command, effect: pure, parameters: {argv: [sh, -c, "exit 3"]}}
  - {id: never, type: transform, value: 1}
error_handlers:
  - {error: business, action: rollback, steps: [put_back]}
rollback:
  steps:
    - id: put_back
      type: skill
      skill: command
      effect: pure
      parameters: {argv: [sh, -c, "exit ${{ parameters.roll }}"]}
finally:
  steps: [{id: say, type: transform, value: "${{ steps.bad.status }}"}]
"""

FINISHES = """\
name: Finishes
steps:
  - {id: ask, type: approval, show: Go?}
finally:
  steps: [{id: tidy, type: approval, show: Tidy up?}]
"""

WARNS = """\
name: Warns
steps:
  - id: bad
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "exit 3"]}
    on_failure: continue
  - {id: b, type: transform, value: 1}
"""


def test_a_run_that_rolled_back_says_what_was_undone(line: CommandLine) -> None:
    line.write("rolls.yaml", ROLLS_BACK)
    ended = line.run("run", "rolls.yaml")
    assert ended.code == 1
    assert "\n  rolled back: 2 steps undone, 1 rollback step done\n" in ended.stderr
    shown = line.run("show").stdout
    assert "\nrolled back: 2 steps undone, 1 rollback step done\n" in shown
    assert "the handler for business takes over (rollback)" in shown
    assert "what was done is rolled back" in shown
    rows = [row.split()[:3] for row in shown.partition("\n\n")[2].partition("\n\n")[0].splitlines()]
    assert rows == [
        ["each", "✓", "done"],
        ["[0]", "↶", "undone"],
        ["[1]", "↶", "undone"],
        ["bad", "✗", "failed"],
        ["put_back", "✓", "done"],
        ["never", "…", "blocked"],
        ["each[1]~undo", "✓", "done"],
        ["each[0]~undo", "✓", "done"],
        ["put_back", "✓", "done"],
        ["say", "✓", "done"],
    ]
    document = line.run("show", "--json").document
    (back,) = document["taken_back"]
    assert (back["undone"], back["failed"]) == (["each[1]", "each[0]"], False)
    steps = {step["id"]: step for step in document["steps"]}
    assert [(steps[id_]["depth"], steps[id_]["inside"], steps[id_]["item"]) for id_ in ("each", "each[0]")] == [
        (0, None, None),
        (1, "each", "a"),
    ]
    assert steps["each"]["output_count"] == 2
    assert steps["bad"]["success"] is False
    assert steps["bad"]["handled"] == [{"handler": 0, "action": "rollback", "attempt": 1}]
    assert document["statistics"]["steps"] == {"succeeded": 6, "failed": 1, "undone": 2, "blocked": 1}
    assert document["statistics"]["outputs"] >= 5
    assert "rolled back: 2 steps undone" in document["story"][-1]["text"]
    assert [scope["kind"] for scope in document["scopes"]] == ["run", "each", "handler", "undo", "rollback", "finally"]


def test_undoing_that_failed_is_said_with_what_is_left(line: CommandLine) -> None:
    line.write("rolls.yaml", ROLLS_BACK)
    ended = line.run("run", "rolls.yaml", "--input", "undo=4", "--json")
    (back,) = ended.document["taken_back"]
    assert (back["failed"], back["undone"], [left["step"] for left in back["not_undone"]]) == (
        True,
        ["each[1]"],
        ["each[0]"],
    )
    assert "rolling back failed: each[0] is not undone (sh ended with exit code 4); 1 step undone" in ended.stderr
    assert "undoing failed for each[0]~undo" in ended.stderr


def test_a_rollback_that_failed_is_no_rollback(line: CommandLine) -> None:
    line.write("rolls.yaml", ROLLS_BACK)
    ended = line.run("run", "rolls.yaml", "--input", "roll=5")
    assert ended.code == 1
    assert "rolling back failed: put_back failed (sh ended with exit code 5); 2 steps undone" in ended.stderr


def test_what_a_run_went_past_is_a_warning(line: CommandLine) -> None:
    line.write("warns.yaml", WARNS)
    ended = line.run("run", "warns.yaml", "--json")
    assert ended.code == 0
    assert "! bad failed, and the run went on: sh ended with exit code 3" in ended.stderr
    assert "done, with 1 warning, after" in ended.stderr
    assert [warning["step"] for warning in ended.document["warnings"]] == ["bad"]


def test_cancelling_does_what_is_done_at_every_end_and_twice_is_once_unless_it_is_to_end_now(line: CommandLine) -> None:
    line.write("finishes.yaml", FINISHES)
    run = line.run("run", "finishes.yaml", "--json").document["run"]
    once = line.run("cancel", run, "--json")
    assert (once.code, once.document["status"]) == (3, "waiting")
    assert [waiting["entry"] for waiting in once.document["waiting"]] == ["tidy:1"]
    twice = line.run("cancel", run, "--json")
    assert (twice.code, [waiting["entry"] for waiting in twice.document["waiting"]]) == (3, ["tidy:1"])
    now = line.run("cancel", run, "--now")
    assert now.code == 0
    assert "cancelled: 0 steps done, 2 stopped, 0 never begun. What was done stays done" in now.stderr


@pytest.mark.parametrize(
    ("skill", "code"),
    [("{skill: file.read, parameters: {path: nowhere}}", 4), ("{skill: command, parameters: {argv: ['false']}}", 1)],
)
def test_something_missing_on_this_machine_is_not_a_failed_run(line: CommandLine, skill: str, code: int) -> None:
    line.write("needs.yaml", f"name: Needs\nsteps:\n  - {{id: a, type: skill, effect: pure, {skill[1:]}\n")
    assert line.run("run", "needs.yaml").code == code


def test_what_was_taken_from_an_earlier_run_says_from_which(line: CommandLine) -> None:
    line.write("cached.yaml", "name: Cached\nsteps:\n  - {id: a, type: transform, value: 1, cache: true}\n")
    first = line.run("run", "cached.yaml", "--json").document["run"]
    again = line.run("run", "cached.yaml", "--json")
    assert f"a: taken from run {first}: nothing was done" in again.stderr
    assert again.document["steps"][0]["cached_from"] == first
    assert again.document["statistics"]["cached"] == 1
    assert f"taken from run {first}" in line.run("show").stdout
