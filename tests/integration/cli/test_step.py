"""`understudy step` changes a workflow's file: shown, checked, written on a yes, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine

TEXT = """\
# Mine
name: Mine
steps:
  # the first
  - {id: a, type: transform, value: 1}   # one
  - id: b
    type: transform
    value: "${{ steps.a.output }} and ${{ steps['a'].status }}"
"""


@pytest.fixture
def mine(line: CommandLine) -> Path:
    return line.write(".understudy/workflows/mine.yaml", TEXT)


def test_a_change_is_shown_and_written_only_on_a_yes(line: CommandLine, mine: Path) -> None:
    words = ("step", "add", "mine", "id=c", "type=transform", "value=[1, two]", "--after", "a")
    asked = line.run(*words)
    assert (asked.code, mine.read_text()) == (3, TEXT)
    assert "+  - id: c\n" in asked.stdout
    assert line.run(*words, "--dry-run").code == 0
    assert mine.read_text() == TEXT
    written = line.run(*words, "--yes")
    assert written.code == 0
    assert mine.read_text() == TEXT.replace(
        "  - id: b", "  - id: c\n    type: transform\n    value: [1, two]\n  - id: b"
    )
    assert line.run("validate", "mine").code == 0


def test_references_are_kept_right_and_what_would_not_validate_is_not_written(line: CommandLine, mine: Path) -> None:
    removed = line.run("step", "remove", "mine", "a", "--yes", "--json")
    assert (removed.code, mine.read_text()) == (2, TEXT)
    assert removed.document["reads"][0].startswith("'b' reads 'a'")
    assert {each["code"] for each in removed.document["diagnostics"]} == {"unknown-step"}
    assert removed.document["written"] is False
    assert line.run("step", "rename", "mine", "a", "first", "--yes").code == 0
    assert mine.read_text() == TEXT.replace("id: a", "id: first").replace("steps.a", "steps.first").replace(
        "steps['a']", "steps['first']"
    )


def test_changes_are_taken_back_one_by_one(line: CommandLine, mine: Path) -> None:
    assert line.run("step", "set", "mine", ".", "timeout=1h", "budget.usd=0.5", "--yes").code == 0
    between = mine.read_text()
    assert "budget: {usd: 0.5}\ntimeout: 1h\n" in between
    assert line.run("step", "set", "mine", "b", "retry.max_attempts=3", "--unset", "value", "--yes").code == 2
    assert line.run("step", "set", "mine", "b", "retry.max_attempts=3", "--yes").code == 0
    assert line.run("step", "undo", "mine", "--yes").code == 0
    assert mine.read_text() == between
    mine.write_text(between + "# by hand\n")
    assert "changed since by other means" in line.run("step", "undo", "mine", "--yes").stderr
    mine.write_text(between)
    assert line.run("step", "undo", "mine", "--yes").code == 0
    assert mine.read_text() == TEXT
    assert "No earlier text" in line.run("step", "undo", "mine", "--yes").stderr


def test_what_comes_with_the_program_is_changed_into_a_workflow_of_ones_own(line: CommandLine) -> None:
    refused = line.run("step", "set", "release-notes", "notes", "timeout=1m", "--yes")
    assert (refused.code, "comes with Understudy" in refused.stderr) == (2, True)
    assert line.run("step", "set", "release-notes", "notes", "timeout=1m", "--as", "own", "--yes").code == 0
    text = (line.cwd / ".understudy/workflows/own.yaml").read_text()
    assert "timeout: 1m" in text
    assert "template:" not in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("parallel", "mine", "a", "b"), "'b' reads or needs 'a'"),
        (("set", "mine", "a"), "Say what to set"),
        (("add", "mine", "type=transform"), "add id=…"),
    ],
)
def test_what_cannot_be_done_is_said(line: CommandLine, mine: Path, words: tuple[str, ...], why: str) -> None:
    ended = line.run("step", *words, "--yes")
    assert (ended.code, mine.read_text()) == (2, TEXT)
    assert why in ended.stderr


def test_two_workflows_are_compared_as_workflows(line: CommandLine, mine: Path) -> None:
    assert line.run("step", "rename", "mine", "a", "first", "--as", "other", "--yes").code == 0
    compared = line.run("diff", "mine", ".understudy/workflows/other.yaml")
    assert (compared.code, compared.stdout) == (1, "~ step a is called first now\n")
    document = line.run("diff", "mine", "mine", "--json").document
    assert (document["same"], document["differences"]) == (True, [])


def test_two_workflows_are_merged_by_choices(line: CommandLine, mine: Path) -> None:
    line.write("other.yaml", TEXT.replace("value: 1}", "value: 2}"))
    listed = line.run("merge", "mine", "other.yaml", "-o", "both")
    assert (listed.code, listed.stdout) == (3, "")
    assert "Choose, such as: --choose step:a=rename --choose step:b=rename\n" in listed.stderr
    assert line.run("merge", "mine", "other.yaml", "--json").document["conflicts"][0]["key"] == "step:a"
    words = ("merge", "mine", "other.yaml", "--choose", "step:a=first", "--choose", "step:b=first", "-o", "both")
    merged = line.run(*words)
    assert (merged.code, merged.stdout) == (0, "")
    assert line.run("validate", "both").code == 0
    assert "is there already" in line.run(*words).stderr


def test_a_workflow_is_told_in_plain_words(line: CommandLine) -> None:
    told = line.run("explain", "release-notes")
    assert told.code == 0
    assert "Save the notes (publish): calls the skill file.write" in told.stdout
    assert "Before it acts, a person is shown exactly what it will do, and must say yes." in told.stdout
    assert line.run("explain", "release-notes", "--json").document["sentences"][0]["depth"] == 0


def test_suggestions_are_listed_with_reasons_and_taken_one_by_one(line: CommandLine) -> None:
    text = """\
name: Opt
stages:
  - name: look
    steps:
      - {id: log, type: skill, skill: git.log}   # the history
      - {id: files, type: skill, skill: file.list}
  - name: act
    steps:
      - {id: post, type: http, method: POST, url: "https://example.org"}
"""
    mine = line.write(".understudy/workflows/mine.yaml", text)
    found = line.run("optimise", "mine", "--json").document["suggestions"]
    assert [each["rule"] for each in found] == ["parallelise", "timeouts", "gates"]
    assert "+    parallel: true" in found[0]["diff"]
    listed = line.run("optimise", "mine")
    assert (listed.code, mine.read_text()) == (0, text)
    assert "1. [parallelise] 'log' and 'files'" in listed.stdout
    assert line.run("optimise", "mine", "--accept", "1", "--accept", "3", "--yes").code == 0
    assert mine.read_text() == text.replace("look\n", "look\n    parallel: true\n").replace(
        '.org"}', '.org", approve: before}'
    )
    assert [each["rule"] for each in line.run("optimise", "mine", "--json").document["suggestions"]] == ["timeouts"]


def test_what_is_read_by_others_is_taken_out_by_the_commands_that_it_names(line: CommandLine) -> None:
    reads = 'b, type: transform, value: "${{ steps.a.output }}"'
    path = line.write(
        "w.yaml",
        f"name: W\nsteps:\n  - {{id: a, type: transform, value: 1}}\n  - {{id: {reads}}}\n"
        "  - {id: c, type: transform, value: 1}\n"
        'outputs: {x: "${{ steps.b.output }}"}\n',
    )
    first = line.run("step", "remove", "w.yaml", "a", "--yes")
    assert first.code == 2
    assert "next: take out what reads it too: understudy step remove w.yaml a b" in first.stderr
    assert "understudy step set w.yaml b FIELD=VALUE" in first.stderr
    both = line.run("step", "remove", "w.yaml", "a", "b", "--yes")
    assert both.code == 2
    assert "the output goes by: understudy step set w.yaml . --unset outputs.x" in both.stderr
    assert line.run("step", "set", "w.yaml", ".", "--unset", "outputs.x", "--yes").code == 0
    assert line.run("step", "remove", "w.yaml", "a", "b", "--yes").code == 0
    assert "id: a" not in path.read_text()
