"""Stopping a run from outside: in good order, with its programs ended, and nothing lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time

import pytest

from tests.support.command_line import CommandLine

SLEEPER = """\
workflow:
  name: Sleeper
  stages:
    - name: s
      steps:
        - {id: first, type: transform, value: done}
        - id: sleep
          type: skill
          skill: command
          EFFECT
          parameters: {argv: [sh, -c, "echo $$ > pid; exec sleep 1000"]}
"""


def start(line: CommandLine, effect: str, ignores: str = "") -> subprocess.Popen[str]:
    """A run that sleeps; returned when its program is running. `ignores` is a signal that its program does not heed."""
    text = SLEEPER.replace("EFFECT", f"effect: {effect}")
    if ignores:
        text = text.replace("exec sleep 1000", f"trap '' {ignores}; while :; do sleep 0.1; done")
    line.write("sleeper.yaml", text)
    process = line.start("run", "sleeper.yaml", "--details", "--json")
    assert process.stderr is not None
    while "sleep: call" not in (text := process.stderr.readline()):
        assert text, "the run ended before its program started"
    while not (line.cwd / "pid").exists() or not (line.cwd / "pid").read_text().strip():
        assert process.poll() is None
    return process


def wait_until_gone(line: CommandLine) -> None:
    """Wait for the program's end. It is nobody's child here, so there is nothing to wait on but its being there."""
    deadline = time.monotonic() + 30
    while is_alive(line):
        assert time.monotonic() < deadline, "a program outlived its run"
        time.sleep(0.05)


def is_alive(line: CommandLine) -> bool:
    try:
        os.kill(int((line.cwd / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda value: str(value),
)
def test_a_signal_stops_the_run_ends_its_programs_and_names_the_command_that_goes_on(
    line: CommandLine, number: signal.Signals, code: int
) -> None:
    process = start(line, "pure")
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert not is_alive(line)
    assert "Traceback" not in stderr
    run = re.findall(r"understudy resume ([0-9a-f]{8})", stderr)[0]
    assert f'"run": "{run}"' in stdout
    (summary,) = line.run("runs", "--json").document["runs"]
    assert (summary["run"], summary["status"], summary["owner"]) == (run, "interrupted", "")


def test_a_second_signal_leaves_at_once_and_nothing_outlives_it(line: CommandLine) -> None:
    process = start(line, "pure", ignores="TERM")
    assert process.stderr is not None
    process.send_signal(signal.SIGTERM)
    while "Stopping in good order" not in (text := process.stderr.readline()):
        assert text
    while process.poll() is None:  # one that comes very soon after the first counts as the same
        process.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    process.communicate(timeout=60)
    assert process.returncode == 143
    (summary,) = line.run("runs", "--json").document["runs"]
    assert (summary["status"], summary["owner"]) == ("interrupted", "")
    assert "RunInterrupted" not in line.run("show", "last", "--events").stdout, "it did not wait for its good order"
    wait_until_gone(line)


def test_what_was_under_way_and_may_have_happened_is_asked_and_never_repeated(line: CommandLine) -> None:
    process = start(line, "unsafe")
    process.kill()
    process.wait()
    (line.cwd / "pid").unlink()
    ended = line.run("resume", "last", "--json")
    assert ended.code == 3
    (waiting,) = ended.document["waiting"]
    assert waiting["reason"] == "unknown"
    assert {choice["choice"] for choice in waiting["choices"]} == {"happened", "again", "skip", "abort"}
    assert not (line.cwd / "pid").exists(), "it was not started again"
    settled = line.run("answer", "last", waiting["entry"], "happened", "--value", "null", "--json")
    assert settled.document["status"] == "succeeded"
    assert settled.document["steps"][0]["attempts"][0]["n"] == 1
    assert len(settled.document["steps"][0]["attempts"]) == 1, "what was done is not done again"


def test_a_living_process_takes_the_answer_of_another(line: CommandLine) -> None:
    text = """\
workflow:
  name: Two
  stages:
    - name: s
      parallel: true
      steps:
        - {id: gate, type: approval, show: "Go on?"}
        - id: wait
          type: skill
          skill: command
          effect: pure
          parameters: {argv: [sh, -c, "while [ ! -e go ]; do sleep 0.05; done"]}
"""
    line.write("two.yaml", text)
    process = line.start("run", "two.yaml", "--json")
    assert process.stderr is not None
    while "gate: waits for approval" not in (said := process.stderr.readline()):
        assert said
    answered = line.run("answer", "last", "gate:1", "approve")
    assert answered.code == 0
    assert "takes it from here" in answered.stderr
    again = line.run("resume", "last")
    assert again.code == 0
    assert f"goes on already, in pid {process.pid}" in again.stderr
    (line.cwd / "go").touch()
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert '"status": "succeeded"' in stdout
