"""Answers that were left for a run: what is shown of them, what a second one is told, and who takes them."""

from __future__ import annotations

import asyncio

import pytest

import app.cli.resume
from app.cli.answer import command
from app.paths import find_paths
from tests.support.command_line import PROGRAM, CommandLine
from tests.support.terminals import Terminal
from workflows.journal.sqlite import SqliteStore

WAITS = """\
name: Waits
steps:
  - {id: ask, type: approval, show: Go on?}
"""

HOLDS = """\
name: Holds
steps:
  - id: wait
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "while [ ! -e go ]; do sleep 0.05; done"]}
"""


@pytest.fixture
def run(line: CommandLine) -> str:
    """A run that waits for an approval, and that no process has."""
    line.write("waits.yaml", WAITS)
    found: str = line.run("run", "waits.yaml", "--json").document["run"]
    return found


def test_a_left_answer_is_shown_and_is_the_only_one(line: CommandLine, run: str) -> None:
    assert line.run("answer", run, "ask:1", "approve", "--note", "looks good", "--no-resume").code == 0
    second = line.run("answer", run, "ask:1", "deny")
    assert second.code == 2
    assert "It was answered already: approve" in second.stderr
    shown = line.run("show", run)
    assert "ask:1 is answered: approve" in shown.stdout
    assert "(looks good)" in shown.stdout
    assert f"understudy resume {run}" in shown.stdout
    assert "waits for a person" not in shown.stdout.partition("ask:1 is answered")[2]
    (left,) = line.run("show", run, "--json").document["answers"]
    assert (left["entry"], left["choice"], left["note"]) == ("ask:1", "approve", "looks good")
    assert line.run("resume", run).code == 0
    assert line.run("show", run, "--json").document["answers"] == []


def test_an_answer_that_its_process_left_behind_says_what_makes_it_count_and_the_same_one_does(
    line: CommandLine, run: str
) -> None:
    """Such as one left to a process that was killed before it took it."""
    assert line.run("answer", run, "ask:1", "approve", "--no-resume").code == 0
    for words in (("answer", run), ("answer", run, "ask:1"), ("attach", run)):
        shown = line.run(*words).stderr
        assert "ask:1 is answered: approve" in shown
        assert f"understudy resume {run}" in shown
        assert f"understudy answer {run}" not in shown, "no command that would be refused"
    other = line.run("answer", run, "ask:1", "deny")
    assert (other.code, f"understudy resume {run}" in other.stderr) == (2, True)
    again = line.run("answer", run, "ask:1", "approve")
    assert (again.code, "It was answered already: approve" in again.stderr) == (0, True)
    assert line.run("show", run, "--json").document["status"] == "succeeded"


def test_the_same_answer_counts_as_of_whoever_gave_it_first(line: CommandLine, run: str) -> None:
    assert line.run("answer", run, "ask:1", "approve", "--no-resume", LOGNAME="ada").code == 0
    other = line.run("answer", run, "ask:1", "approve", LOGNAME="bob")
    assert other.code == 2
    assert "It was answered already: approve by ada" in other.stderr
    assert f"understudy resume {run}" in other.stderr
    assert line.run("answer", run, "ask:1", "approve", LOGNAME="ada").code == 0
    assert line.run("show", run, "--json").document["status"] == "succeeded"


def test_what_was_answered_is_not_asked_again_where_the_answer_resumes_the_run(line: CommandLine, run: str) -> None:
    environ = {**line.environment, "TERM": "xterm-256color"}
    terminal = Terminal([PROGRAM, "answer", run, "ask:1", "approve"], environ, line.cwd)
    try:
        assert terminal.end() == 0
        assert "run " in terminal.text
        assert "wants your approval" not in terminal.text
    finally:
        terminal.close()


def test_without_a_choice_it_is_shown_what_could_be_answered(line: CommandLine, run: str) -> None:
    for words in ((run,), (run, "ask:1")):
        shown = line.run("answer", *words)
        assert shown.code == 2
        assert f"  understudy answer {run} ask:1 approve   # " in shown.stderr
        assert "Nothing was answered." in shown.stderr
    assert [each["entry"] for each in line.run("answer", run, "--json").document["waiting"]] == ["ask:1"]
    assert line.run("show", run, "--json").document["answers"] == []
    assert "What waits: ask:1." in line.run("answer", run, "ask:2").stderr


def test_an_answer_counts_where_another_process_takes_the_run_meanwhile(
    line: CommandLine, run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in line.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(line.cwd)
    journal, really = find_paths(line.environment, line.cwd).journal, app.cli.resume.resume

    async def resume(*arguments: object) -> int:
        other = await SqliteStore.open(journal)
        try:
            await other.claim(run, "pid 1")
            return await really(*arguments)  # type: ignore[arg-type]  # passed on as they came
        finally:
            await other.close()

    monkeypatch.setattr(app.cli.resume, "resume", resume)
    assert command.main([run, "ask:1", "approve"], standalone_mode=False) == 0
    assert "Recorded. The process that has run" in capsys.readouterr().err

    async def left() -> list[str]:
        store = await SqliteStore.open(journal)
        try:
            return [answer.choice for answer in await store.answers(run)]
        finally:
            await store.close()

    assert asyncio.run(left()) == ["approve"]


def test_a_killed_run_is_interrupted_wherever_it_is_shown(line: CommandLine) -> None:
    line.write("holds.yaml", HOLDS)
    process = line.start("run", "holds.yaml", "--details", "--json")
    assert process.stderr is not None
    while "wait: call" not in (said := process.stderr.readline()):
        assert said
    assert line.run("show", "--json").document["status"] == "running"
    process.kill()
    process.communicate()
    line.write("go", "")
    assert line.run("show", "--json").document["status"] == "interrupted"
    assert "! interrupted" in line.run("show").stdout
    assert line.run("runs", "--json").document["runs"][0]["status"] == "interrupted"


def test_an_answer_in_the_place_of_the_choice_is_put_right(line: CommandLine) -> None:
    line.write("asks.yaml", "name: Asks\nsteps: [{id: q, type: question, ask: Which?, schema: {enum: [x, y]}}]\n")
    run = line.run("run", "asks.yaml", "--json").document["run"]
    refused = line.run("answer", run, "q:1", "x")
    assert refused.code == 2
    assert f"If that is the answer: `understudy answer {run} q:1 answer --value x`." in refused.stderr
