"""Runs with a process of their own, and what other processes ask of them."""

from __future__ import annotations

import os
import re
import signal
import stat
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.command_line import CommandLine

GATE = """\
name: Gate
steps:
  - {id: first, type: transform, value: done}
  - {id: gate, type: approval, show: "Go on?"}
outputs: {first: "${{ steps.first.output }}"}
"""

WAITS = """\
name: Waits
steps:
  - id: wait
    type: skill
    skill: command
    effect: pure
    parameters: {argv: [sh, -c, "while [ ! -e go ]; do sleep 0.05; done"]}
  - {id: after, type: transform, value: 1}
finally: {steps: [{id: bye, type: transform, value: 2}]}
"""


def until(holds: Callable[[], bool]) -> None:
    """Nothing tells a test what another process is at, so it looks again and again."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Owned:
    """A detached run and its process."""

    def __init__(self, line: CommandLine, text: str) -> None:
        line.write("flow.yaml", text)
        self.line = line
        ended = line.run("run", "flow.yaml", "--detach", "--json")
        assert ended.code == 0, ended.stderr
        self.run, self.pid = ended.document["run"], ended.document["pid"]
        assert f"understudy attach {self.run}" in ended.stderr

    @property
    def alive(self) -> bool:
        try:
            # A zombie that nobody reaps, as in a container without an init, is no process any more.
            with open(f"/proc/{self.pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def status(self) -> str:
        return str(self.line.run("show", self.run, "--json").document["status"])

    def end(self) -> None:
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)


@pytest.fixture
def owned(line: CommandLine) -> Iterator[Callable[[str], Owned]]:
    made: list[Owned] = []

    def make(text: str) -> Owned:
        made.append(Owned(line, text))
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_a_detached_run_has_a_session_of_its_own_and_waits_for_an_answer_from_anywhere(
    line: CommandLine, owned: Callable[[str], Owned]
) -> None:
    run = owned(GATE)
    assert os.getsid(run.pid) == run.pid
    assert os.readlink(f"/proc/{run.pid}/fd/0") == os.devnull
    log = line.home / "state" / "data" / "spool" / run.run / "narration.1.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert {os.readlink(f"/proc/{run.pid}/fd/{number}") for number in (1, 2)} == {str(log)}
    until(lambda: "waits for approval" in log.read_text())
    (listed,) = line.run("runs", "--json").document["runs"]
    assert (listed["run"], listed["status"], listed["owner"]) == (run.run, "waiting", f"pid {run.pid}")
    answered = line.run("answer", run.run, "gate:1", "approve")
    assert "takes it from here" in answered.stderr
    until(lambda: not run.alive)
    assert run.status() == "succeeded"
    assert log.read_text().endswith("done\n"), "its outputs are in the log"


def test_a_detached_run_that_is_queued_says_so_and_why(line: CommandLine, owned: Callable[[str], Owned]) -> None:
    first = owned(GATE)
    ended = line.run("run", "flow.yaml", "--detach", "--json", "--after", first.run)
    why = ended.document["queued"]
    assert first.run in why
    assert f"it is queued, and begins by itself: {why}" in ended.stderr
    line.run("cancel", ended.document["run"])
    until(lambda: line.run("show", ended.document["run"], "--json").document["status"] == "cancelled")


def test_where_its_narration_cannot_be_kept_that_is_the_machine_s_fault(line: CommandLine) -> None:
    line.write("flow.yaml", "name: F\nsteps: [{id: a, type: transform, value: 1}]\n")
    data = line.home / "state" / "data"
    data.mkdir(parents=True)
    (data / "spool").write_text("")
    ended = line.run("run", "flow.yaml", "--detach")
    assert (ended.code, "narration cannot be kept" in ended.stderr) == (4, True)


def test_only_the_id_is_on_stdout(line: CommandLine) -> None:
    line.write("flow.yaml", "name: F\nsteps: [{id: a, type: transform, value: 1}]\n")
    ended = line.run("run", "flow.yaml", "--detach")
    assert (ended.code, bool(re.fullmatch(r"[0-9a-f]{8}\n", ended.stdout))) == (0, True)


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_keeps_a_run_from_starting_is_told_as_without_detach(line: CommandLine, form: list[str]) -> None:
    line.write("broken.yaml", "name: B\nsteps: [{id: a, type: transfrm, value: 1}]\n")
    detached, usual = (line.run("run", "broken.yaml", *form, *more) for more in (["--detach"], []))
    assert (detached.code, usual.code) == (2, 2)
    assert (detached.stdout, detached.stderr) == (usual.stdout, usual.stderr)
    assert list((line.home / "state" / "data" / "spool").iterdir()) == []


def test_a_run_of_another_process_is_paused_and_goes_on_and_is_cancelled(
    line: CommandLine, owned: Callable[[str], Owned]
) -> None:
    run = owned(WAITS)
    for said in ("is paused: no new step starts, and 1 step under way goes on", "is paused already"):
        paused = line.run("pause", run.run)
        assert paused.code == 0
        assert said in paused.stderr
    (line.cwd / "go").touch()
    log = line.home / "state" / "data" / "spool" / run.run / "narration.1.log"
    until(lambda: "wait: done" in log.read_text())
    (listed,) = line.run("runs", "--status", "paused", "--json").document["runs"]
    assert listed["steps"]["done"] == 1
    cancelled = line.run("cancel", run.run, "--json")
    assert (cancelled.code, cancelled.document["asked"]["became"]) == (0, "done")
    until(lambda: not run.alive)
    document = line.run("show", run.run, "--json").document
    assert (document["status"], {step["id"]: step["status"] for step in document["steps"]}) == (
        "cancelled",
        {"wait": "succeeded", "after": "blocked", "bye": "succeeded"},
    )
    again = line.run("cancel", run.run)
    assert (again.code, again.stderr) == (0, f"Run {run.run} is cancelled already.\n")


def test_a_paused_run_goes_on_in_its_own_process(line: CommandLine, owned: Callable[[str], Owned]) -> None:
    run = owned(WAITS)
    assert line.run("pause", run.run).code == 0
    resumed = line.run("resume", run.run, "--json")
    assert (resumed.code, resumed.document["asked"]["owner"]) == (0, f"pid {run.pid}")
    again = line.run("resume", run.run)
    assert (again.code, again.stderr.splitlines()[0]) == (0, f"Run {run.run} goes on already, in pid {run.pid}.")
    (line.cwd / "go").touch()
    until(lambda: not run.alive)
    assert run.status() == "succeeded"


def test_what_is_asked_of_a_dead_owner_s_run_is_done_at_once(line: CommandLine, owned: Callable[[str], Owned]) -> None:
    run = owned(WAITS)
    os.kill(run.pid, signal.SIGKILL)
    until(lambda: run.status() == "interrupted")
    paused = line.run("pause", run.run, "--json")
    assert (paused.document["status"], paused.document["asked"]["became"]) == ("paused", "done")
    (line.cwd / "go").touch()
    resumed = line.run("resume", run.run, "--detach", "--json")
    assert (resumed.code, resumed.document["run"], resumed.document["detached"]) == (0, run.run, True)
    until(lambda: run.status() == "succeeded")
