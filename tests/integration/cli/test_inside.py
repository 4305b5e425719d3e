"""Steps inside steps on the command line: each that waits is listed and answered on its own, at whatever depth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.dumb_terminals import Terminal

GATES = """\
name: Gates
steps:
  - id: each
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "echo ${{ item }} >> done"]}
    approve: before
    foreach: {in: [a, b, c], max_parallel: 3}
  - {id: after, type: transform, value: "${{ steps.each.output | length }}"}
outputs: {count: "${{ steps.after.output }}"}
"""

ASKS = """\
name: Asks
steps:
  - id: inner
    type: parallel
    steps:
      - {id: version, type: question, ask: Which version?, schema: {type: string, enum: [latest, "1.10"]}}
      - {id: count, type: question, ask: How many?, schema: {type: integer}}
      - {id: anything, type: question, ask: What?}
"""

FAILS = """\
name: Fails
steps:
  - {id: first, type: transform, value: 1}
  - {id: bad, type: skill, skill: command, parameters: {argv: [sh, -c, "exit 3"]}, on_failure: ask}
  - {id: after, type: transform, value: "${{ steps.bad.output.rows }}"}
outputs: {rows: "${{ steps.after.output }}"}
"""


def test_each_item_waits_on_its_own_and_is_answered_in_any_order(line: CommandLine) -> None:
    line.write("gates.yaml", GATES)
    ended = line.run("run", "gates.yaml", "--json")
    assert ended.code == 3
    run = ended.document["run"]
    assert sorted(waiting["step"] for waiting in ended.document["waiting"]) == ["each[0]", "each[1]", "each[2]"]

    first = min(line.run("inbox", "--json").document["waiting"], key=lambda waiting: str(waiting["step"]))
    assert (first["run"], first["entry"], first["reason"]) == (run, "each[0]:1", "approval")
    assert first["command"] == f"understudy answer {run} 'each[0]:1' approve"
    assert (first["workflow"], first["choices"]) == ("gates", ["approve", "edit", "deny"])
    listed = line.run("inbox")
    assert "‖ each[1] wants your approval · just now" in listed.stdout
    assert "3 entries wait in 1 run." in listed.stderr

    assert line.run("answer", run, "each[2]:1", "approve", "--no-resume").code == 0
    change = 'parameters.argv=["sh", "-c", "echo B >> done"]'
    assert line.run("answer", run, "each[1]:1", "edit", "--value", change, "--no-resume").code == 0
    assert "answered edit; it counts with: understudy resume" in line.run("inbox").stdout
    assert "‖ each[0]" in line.run("inbox", "--run", run).stdout

    asked_again = line.run("resume", run, "--json")
    assert asked_again.code == 3
    assert sorted(waiting["entry"] for waiting in asked_again.document["waiting"]) == ["each[0]:1", "each[1]:2"]
    assert (line.cwd / "done").read_text() == "c\n"
    assert "echo B >> done" in json.dumps(asked_again.document["waiting"])

    line.run("answer", run, "each[1]:2", "approve", "--no-resume")
    ended = line.run("answer", run, "each[0]:1", "approve", "--json")
    assert (ended.code, ended.document["outputs"]) == (0, {"count": 3})
    assert sorted((line.cwd / "done").read_text().split()) == ["B", "a", "c"]
    assert line.run("inbox").stderr == "Nothing waits for a person.\n"


@pytest.mark.parametrize(
    ("entry", "value", "words"),
    [
        ("inner>version:1", "newest", ["does not fit", "such as latest"]),
        ("inner>count:1", "many", ["it is not JSON", "Give a whole number, such as 1."]),
        ("inner>count:1", "NaN", ["NaN is not a number that JSON has"]),
        ("inner>count:1", "1.5", ["does not fit"]),
        ("inner>anything:1", "[" * 5000 + "]" * 5000, ["nested more than 100 deep"]),
        ("inner>anything:1", '{"half": "\\ud800"}', ["half a character"]),
        ("inner>anything:1", '{"half": ', ["it is not JSON"]),
        ("inner>anything:1", None, ["answer needs --value with the answer", "--value 'some text'"]),
        ("inner>versoin:1", "latest", ["Did you mean 'inner>version:1'?", "inner>anything:1"]),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_what_would_do(
    line: CommandLine, entry: str, value: str | None, words: list[str]
) -> None:
    line.write("asks.yaml", ASKS)
    assert line.run("run", "asks.yaml").code == 3
    ended = line.run("answer", "last", entry, "answer", *(["--value", value] if value is not None else []))
    assert (ended.code, ended.stdout) == (2, "")
    for word in words:
        assert word in ended.stderr
    assert "1 entry" not in line.run("inbox").stderr


def test_texts_need_no_quotes_where_a_text_is_wanted(line: CommandLine) -> None:
    line.write("asks.yaml", ASKS)
    run = line.run("run", "asks.yaml", "--json").document["run"]
    line.run("answer", run, "inner>version:1", "answer", "--value", "1.10", "--no-resume")
    line.run("answer", run, "inner>count:1", "answer", "--value", "3", "--no-resume")
    (line.cwd / "long.txt").write_text("two\nlines\n")
    ended = line.run("answer", run, "inner>anything:1", "answer", "--value-file", "long.txt", "--json")
    assert ended.code == 0
    outputs = {step["id"]: step["output"] for step in ended.document["steps"]}
    assert outputs["inner"] == {"version": "1.10", "count": 3, "anything": "two\nlines"}


def test_a_failed_step_s_output_is_typed_in_and_stands_for_it(line: CommandLine) -> None:
    line.write("fails.yaml", FAILS)
    run = line.run("run", "fails.yaml", "--json").document["run"]
    for choice, value, words in (
        ("outputs", "1", "Did you mean 'output'?"),
        ("retry_from", "frist", "did you mean 'first'?"),
        ("retry", "1", "retry carries no value"),
        ("edit", "parameters.nothing=1", "there is no 'nothing' in it (it has argv)"),
    ):
        refused = line.run("answer", run, "bad:1", choice, "--value", value)
        assert (refused.code, words in refused.stderr) == (2, True), refused.stderr
    ended = line.run("answer", run, "bad:1", "output", "--value-file", "-", "--json", stdin='{"rows": 7}\n')
    assert (ended.code, ended.document["outputs"]) == (0, {"rows": 7})
    assert "counts as done: its output was given by" in ended.stderr


def test_a_step_is_done_again_from_an_earlier_one(line: CommandLine) -> None:
    line.write("fails.yaml", FAILS)
    line.run("run", "fails.yaml")
    ended = line.run("answer", "last", "bad:1", "retry_from", "--value", "first", "--json")
    assert ended.code == 3
    steps = {step["id"]: len(step["attempts"]) for step in ended.document["steps"]}
    assert steps == {"first": 2, "bad": 2, "after": 0}


def test_a_person_is_asked_about_one_entry_after_the_other(line: CommandLine) -> None:
    line.write("gates.yaml", GATES)
    terminal = Terminal(line, "run", "gates.yaml")
    asked: list[str] = []

    def about_another(shown: str) -> bool:
        # A question stands there again below whatever is told meanwhile, and what is typed before the next is for none.
        new = [step for step in re.findall(r"for (each\[\d\]), then enter", shown) if step not in asked]
        asked.extend(new[:1])
        return bool(new)

    # Whichever waits first is asked about at once, and the others come before or after that.
    terminal.until(about_another, "a question")
    terminal.until(lambda shown: shown.count("waits for approval") == 3, "three that wait")
    terminal.type("approve")
    terminal.until(about_another, "a second question")
    assert "(1 more entry waits after this one)" in terminal.shown
    terminal.type("edit")
    terminal.wait_for("(enter: choose again)")
    terminal.type("nonsense")
    terminal.wait_for("it is neither a JSON object nor key=value")
    terminal.wait_for("then enter")
    terminal.type("a")
    terminal.until(about_another, "a third question")
    terminal.type("1")
    assert terminal.end() == 0
    assert sorted((line.cwd / "done").read_text().split()) == ["a", "b", "c"]


def test_a_person_chooses_where_to_begin_again(line: CommandLine) -> None:
    line.write("fails.yaml", FAILS)
    terminal = Terminal(line, "run", "fails.yaml")
    terminal.wait_for("for bad, then enter")
    terminal.type("retry_from")  # there is one earlier step, so nothing more is asked
    terminal.wait_for("again from first")
    terminal.wait_for("for bad, then enter")
    terminal.type("output")
    terminal.wait_for("the step's output: JSON")
    terminal.type('{"rows": 1}')
    assert terminal.end() == 0


def test_an_input_is_edited_in_the_person_s_editor(line: CommandLine, tmp_path: Path) -> None:
    line.write("gates.yaml", GATES)
    run = line.run("run", "gates.yaml", "--json").document["run"]
    editor = tmp_path / "my editor"
    editor.write_text("#!/bin/sh\nsed -i 's/echo a/echo edited/' \"$1\"\n")
    editor.chmod(0o700)
    there = CommandLine(line.cwd, line.home, {"EDITOR": f"'{editor}'"})
    terminal = Terminal(there, "answer", run, "each[0]:1", "edit", "--no-resume")
    assert terminal.end() == 0
    (left,) = line.run("show", run, "--json").document["answers"]
    assert (left["entry"], left["choice"]) == ("each[0]:1", "edit")
    assert "echo edited" in json.dumps(line.run("resume", run, "--json").document["waiting"])

    idle = CommandLine(line.cwd, line.home, {"EDITOR": "true"})
    terminal = Terminal(idle, "answer", run, "each[1]:1", "edit", "--no-resume")
    assert terminal.end() == 2
    assert "Nothing was changed, so nothing was answered." in terminal.shown
