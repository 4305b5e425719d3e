"""Watching a run that another process has: its story, its text, what waits, and its owner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.integration.cli.test_detached import GATE, Owned, owned, until
from tests.support.command_line import PROGRAM, CommandLine
from tests.support.terminals import Terminal

__all__ = ["owned"]

TALKS = """\
name: Talks
steps:
  - id: talk
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "echo before; while [ ! -e go ]; do sleep 0.05; done; echo after"]}
  - {id: end, type: transform, value: "the end"}
outputs: {end: "${{ steps.end.output }}"}
"""


@pytest.fixture
def terminal(line: CommandLine) -> Iterator[Callable[[list[str]], Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(command: list[str]) -> Terminal:
        opened.append(Terminal(command, {**line.environment, "TERM": "xterm-256color"}, line.cwd))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


def heard(process: subprocess.Popen[str], words: str) -> str:
    """What a command says on stderr up to these words."""
    assert process.stderr is not None
    said = ""
    while words not in said:
        more = process.stderr.readline()
        assert more, said
        said += more
    return said


def test_it_tells_what_was_said_before_it_looked_and_ends_with_the_run(
    line: CommandLine, owned: Callable[[str], Owned]
) -> None:
    run = owned(TALKS)
    watching, events = line.start("attach", run.run), line.start("attach", run.run, "--json")
    said = heard(watching, "talk │ before")
    assert f"run {run.run} of flow started" in said
    (line.cwd / "go").touch()
    stdout, more = watching.communicate(timeout=60)
    assert (watching.returncode, stdout) == (0, "the end\n")
    assert "talk │ after" in more
    assert more.index("talk │ after") < more.index("talk: done") < more.index("end: done")
    stdout, _ = events.communicate(timeout=60)
    assert events.returncode == 0
    found = [json.loads(text) for text in stdout.splitlines()]
    assert [each["seq"] for each in found] == list(range(1, len(found) + 1))
    assert (found[0]["event"], found[-1]["event"]) == ("RunStarted", "RunFinished")


def test_an_owner_that_stands_still_is_told_of_and_one_that_dies_ends_the_watching(
    line: CommandLine, owned: Callable[[str], Owned]
) -> None:
    run = owned(TALKS)
    watching = line.start("attach", run.run)
    heard(watching, "talk │ before")
    os.kill(run.pid, signal.SIGSTOP)
    (owner,) = (line.home / "state" / "data" / "journal" / "owners").glob(f"{run.pid}-*")
    long_ago = owner.stat().st_mtime - 40
    os.utime(owner, (long_ago, long_ago))
    said = heard(watching, "next:")
    assert f"pid {run.pid} has not been heard of for" in said
    assert f"kill -CONT {run.pid}" in said
    assert f"! pid {run.pid} has it, and has not been heard of for" in line.run("show", run.run).stdout
    os.kill(run.pid, signal.SIGKILL)
    _, more = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert f"interrupted: pid {run.pid} is gone. Go on with: understudy resume {run.run}" in more
    left = line.run("attach", run.run)
    assert (left.code, "No process has run" in left.stderr) == (1, True)
    assert f"understudy resume {run.run}" in left.stderr


def test_at_a_terminal_it_asks_and_q_leaves_the_run_as_it_is(
    line: CommandLine, owned: Callable[[str], Owned], terminal: Callable[[list[str]], Terminal]
) -> None:
    run = owned(GATE)
    for key in ("q", "1"):
        shell = terminal([str(PROGRAM), "attach", run.run])
        shell.until(b"choose 1-2 for gate")
        shell.press(f"{key}\r".encode())
        assert shell.end() == 0
        assert ("Left run" in shell.text) == (key == "q")
    until(lambda: not run.alive)
    assert run.status() == "succeeded"


def test_what_somebody_else_answered_is_asked_no_more(
    line: CommandLine, owned: Callable[[str], Owned], terminal: Callable[[list[str]], Terminal]
) -> None:
    run = owned(GATE)
    shell = terminal([str(PROGRAM), "attach", run.run])
    shell.until(b"choose 1-2 for gate")
    assert line.run("answer", run.run, "gate:1", "approve").code == 0
    assert shell.end() == 0
    _, said, after = shell.text.partition("gate:1 no longer waits.")
    assert said
    assert "choose 1-2" not in after
    assert after.index("answered approve") < after.index("done after")


def test_it_outlives_the_terminal_that_it_was_started_in(
    line: CommandLine, terminal: Callable[[list[str]], Terminal]
) -> None:
    line.write("gate.yaml", GATE)
    shell = terminal([str(PROGRAM), "run", "gate.yaml", "--detach"])
    assert shell.end() == 0
    shell.hang_up()
    (listed,) = line.run("runs", "--json").document["runs"]
    assert listed["owner"].startswith("pid ")
    answered = line.run("answer", listed["run"], "gate:1", "deny")
    assert "takes it from here" in answered.stderr
    ended = line.run("attach", listed["run"])
    assert (ended.code, "gate was not approved" in ended.stderr) == (1, True)
