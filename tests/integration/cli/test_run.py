"""Running workflows without a terminal: outputs to stdout, the story to stderr, and what waits for a person."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from tests.support.command_line import CommandLine, Ended

LETTER = """\
workflow:
  name: Letter
  parameters:
    - {name: to, required: true, description: Who gets it}
  stages:
    - name: write
      steps:
        - id: letter
          type: skill
          skill: file.write
          approve: before
          parameters: {path: letter.md, text: "Dear ${{ parameters.to }}\\n"}
  outputs: {file: "${{ steps.letter.output.path }}"}
"""

CHECK = """\
workflow:
  name: Check
  stages:
    - name: check
      steps:
        - {id: check, type: skill, skill: command, effect: pure, parameters: {argv: ["false"]}, ON_FAILURE}
        - {id: after, type: transform, value: "went on"}
  outputs: {after: "${{ steps.after.output }}"}
"""


def letter(line: CommandLine, *options: str) -> Ended:
    line.write("letter.yaml", LETTER)
    return line.run("run", "letter.yaml", "--input", "to=Ada", *options)


def check(line: CommandLine, on_failure: str, *options: str) -> Ended:
    line.write("check.yaml", CHECK.replace("ON_FAILURE", f"on_failure: {on_failure}"))
    return line.run("run", "check.yaml", *options)


def test_a_run_that_needs_a_person_waits_and_names_the_command_that_answers(line: CommandLine) -> None:
    ended = letter(line)
    assert (ended.code, ended.stdout) == (3, "")
    assert "+Dear Ada" in ended.stderr, "what is to be approved is shown"
    assert not (line.cwd / "letter.md").exists()
    command = next(part for part in ended.stderr.splitlines() if "approve" in part and "understudy answer" in part)
    answered = line.run(*shlex.split(command.split("#")[0])[1:])
    assert (answered.code, answered.stdout) == (0, "letter.md\n")
    assert (line.cwd / "letter.md").read_text() == "Dear Ada\n"


def test_json_lists_what_waits_with_the_command_of_each_answer(line: CommandLine) -> None:
    document = letter(line, "--json").document
    assert (document["status"], document["exit_code"], document["simulated"]) == ("waiting", 3, False)
    (waiting,) = document["waiting"]
    assert waiting["reason"] == "approval"
    assert "+Dear Ada" in waiting["body"]
    commands = {choice["choice"]: choice["command"] for choice in waiting["choices"]}
    assert commands.keys() == {"approve", "edit", "deny"}
    denied = line.run(*shlex.split(commands["deny"])[1:], "--note", "not today", "--json")
    assert denied.code == 1
    assert denied.document["failure"]["message"] == "The approval was denied: not today"
    assert not (line.cwd / "letter.md").exists()


def test_yes_approves_and_the_journal_says_how(line: CommandLine) -> None:
    ended = letter(line, "--yes")
    assert (ended.code, ended.stdout) == (0, "letter.md\n")
    assert "answered approve by" in ended.stderr
    assert "(--yes)" in ended.stderr


def test_deny_denies_and_still_says_that_a_person_was_needed(line: CommandLine) -> None:
    ended = letter(line, "--deny", "--json")
    assert ended.code == ended.document["exit_code"] == 3
    assert ended.document["status"] == "failed"
    assert not (line.cwd / "letter.md").exists()


def test_yes_does_not_decide_about_failures(line: CommandLine) -> None:
    ended = check(line, "ask", "--yes", "--json")
    assert ended.code == 3
    assert ended.document["waiting"][0]["reason"] == "intervention"


@pytest.mark.parametrize(
    ("on_failure", "code", "after"), [("abort", 1, "blocked"), ("continue", 0, "succeeded"), ("skip", 0, "succeeded")]
)
def test_a_failed_step_ends_the_run_or_not_as_the_workflow_says(
    line: CommandLine, on_failure: str, code: int, after: str
) -> None:
    ended = check(line, on_failure, "--json")
    assert ended.code == code
    assert {step["id"]: step["status"] for step in ended.document["steps"]}["after"] == after


def test_a_failed_run_says_why_and_what_to_do_next(line: CommandLine) -> None:
    ended = check(line, "abort")
    assert (ended.code, ended.stdout) == (1, "")
    run = re.findall(r"run ([0-9a-f]{8})", ended.stderr)[0]
    assert "false ended with exit code 1" in ended.stderr
    assert f"understudy show {run}" in ended.stderr
    shown = line.run("show", run)
    assert "✗ failed" in shown.stdout
    assert "false ended with exit code 1" in shown.stdout


def test_the_input_of_a_failed_step_can_be_changed_from_the_command_line(line: CommandLine) -> None:
    waiting = check(line, "ask", "--json").document["waiting"][0]
    run = line.run("runs", "--json").document["runs"][0]["run"]
    changed = json.dumps({"skill": "command", "parameters": {"argv": ["true"]}})
    ended = line.run("answer", run, waiting["entry"], "edit", "--value", changed)
    assert (ended.code, ended.stdout) == (0, "went on\n")


def test_an_answer_can_be_left_for_later(line: CommandLine) -> None:
    letter(line)
    left = line.run("answer", "last", "letter:1", "approve", "--no-resume")
    assert left.code == 0
    assert "understudy resume" in left.stderr
    assert not (line.cwd / "letter.md").exists()
    assert line.run("resume", "last").code == 0
    assert (line.cwd / "letter.md").exists()


def test_a_second_answer_to_the_same_entry_is_refused(line: CommandLine) -> None:
    letter(line)
    assert line.run("answer", "last", "letter:1", "approve").code == 0
    again = line.run("answer", "last", "letter:1", "deny")
    assert again.code == 2
    assert "letter:1 of run" in again.stderr
    assert "was answered already: approve" in again.stderr


def test_a_run_goes_on_in_its_own_folder_wherever_the_command_is_typed(line: CommandLine) -> None:
    letter(line)
    elsewhere = CommandLine(line.home, line.home)
    assert elsewhere.run("answer", "last", "letter:1", "approve").code == 0
    assert (line.cwd / "letter.md").exists()
    assert not (line.home / "letter.md").exists()


def test_events_come_as_json_lines(line: CommandLine) -> None:
    ended = letter(line, "--yes", "--jsonl")
    events = [json.loads(text) for text in ended.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["event"], events[-1]["event"]) == ("RunStarted", "RunFinished")
    assert line.run("show", "last", "--events").stdout == ended.stdout


def test_what_a_program_prints_cannot_act_on_the_terminal(line: CommandLine) -> None:
    line.write("evil.sh", "printf '\\033]52;c;cm0=\\a\\033[2J\\033]0;owned\\a[bold]text\\n'\n")
    text = (
        'workflow:\n  name: "Evil\\e]0;owned\\a"\n  stages:\n    - name: s\n      steps:\n'
        "        - {id: evil, type: skill, skill: command, parameters: {argv: [sh, evil.sh]}}\n"
        '  outputs: {said: "${{ steps.evil.output.stdout }}"}\n'
    )
    line.write("evil.yaml", text)
    for ended in (
        line.run("plan", "evil.yaml"),
        line.run("run", "evil.yaml", "--details"),
        line.run("show", "last", "--details"),
        line.run("runs"),
        line.run("run", "evil.yaml", "--json"),
        line.run("show", "last", "--events"),
    ):
        assert "\x1b" not in ended.stdout + ended.stderr
        assert "\x07" not in ended.stdout + ended.stderr
    assert "[bold]text" in line.run("run", "evil.yaml").stdout


def test_a_workspace_does_nothing_before_it_is_trusted(line: CommandLine) -> None:
    line.write(".understudy/workflows/letter.yaml", LETTER)
    refused = line.run("run", "letter", "--input", "to=Ada", "--yes")
    assert refused.code == 4
    assert "understudy trust" in refused.stderr
    assert not (line.cwd / "letter.md").exists()
    asked = line.run("trust")
    assert asked.code == 3
    assert ".understudy/workflows/letter.yaml" in asked.stderr
    assert line.run("trust", "--yes").code == 0
    assert line.run("run", "letter", "--input", "to=Ada", "--yes").code == 0
    assert line.run("trust", "--revoke").code == 0
    assert line.run("run", "letter", "--input", "to=Ada", "--yes").code == 4


def test_a_state_folder_that_cannot_be_made_is_named_with_a_remedy(line: CommandLine) -> None:
    line.write("file", "")
    ended = line.run("runs", UNDERSTUDY_HOME=str(line.cwd / "file" / "state"))
    assert ended.code == 4
    assert str(line.cwd / "file") in ended.stderr
    told = line.run("doctor", UNDERSTUDY_HOME=str(line.cwd / "file" / "state"))
    assert told.code == 4
    assert "UNDERSTUDY_HOME" in told.stdout


def test_settings_that_do_not_fit_are_named_with_their_place(line: CommandLine) -> None:
    settings = line.home / "state" / "config" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("modle: openai/x\n")
    ended = line.run("runs")
    assert ended.code == 4
    assert f"{settings}:1:1: error: there is no setting 'modle'" in ended.stderr
    assert "hint: did you mean 'model'?" in ended.stderr


def test_a_journal_that_is_none_is_left_alone_and_named(line: CommandLine) -> None:
    journal = line.home / "state" / "data" / "journal" / "journal.db"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"no database at all, " * 100)
    ended = line.run("runs")
    assert ended.code == 4
    assert str(journal) in ended.stderr
    assert journal.read_bytes() == b"no database at all, " * 100
    told = line.run("doctor")
    assert told.code == 4
    assert "✗ journal" in told.stdout


def test_all_state_is_readable_by_its_owner_alone(line: CommandLine) -> None:
    letter(line, "--yes")
    for path in (line.home / "state").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
