"""What else may be so when a run is to be stopped: a terminal that takes nothing, a thread that hangs, nohup."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.integration.signals.conftest import Open
from tests.integration.signals.test_each_kind import left_as_found, stop, stopped
from tests.support.command_line import PROGRAM
from tests.support.under_way import CASES, ROOT, Case, Workspace, command, screens

BY_NAME = {case.name: case for case in CASES}

CHATTER = """\
  - id: chatter
    type: skill
    skill: command
    effect: idempotent
    parameters: {argv: [sh, -c, 'n=0; until [ -e enough ]; do n=$((n+1)); echo line $n; echo $n > n; sleep .05; done']}
"""
CHATTY = Case("chatty", f"{CHATTER}  - {{id: x, {command('x')}}}\n")
OWN = BY_NAME["command"]


def test_a_terminal_that_takes_nothing_holds_up_neither_the_run_nor_its_end(
    workspace: Workspace, terminal: Open
) -> None:
    workspace.write(CHATTY)
    shell = terminal(screens())
    shell.until(b"line 1")
    with shell.not_reading():
        lines = workspace.line.cwd / "n"
        until = int(lines.read_text() or 0) + 60
        workspace.until(lambda: int(lines.read_text() or 0) > until)
        (workspace.line.cwd / "enough").touch()
        workspace.until(lambda: workspace.under_way(CHATTY))
    seen = len(shell.said)
    shell.until(lambda: b"chatter" in shell.said[seen:])  # the whole screen is drawn again
    with shell.not_reading():
        shell.signal(signal.SIGTERM)
        assert shell.end() == 143
    stopped(workspace, CHATTY)


HANGING = """
import asyncio, os, sys, time
from app.cli.session import wait_for
async def work():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 1000)
    print("hangs", flush=True)
    if sys.argv[1:]:
        await asyncio.sleep(1000)
    return 7
try:
    code = wait_for(work())
except SystemExit as ended:
    code = ended.code
sys.stdout.flush()
os._exit(code)
"""


@pytest.mark.parametrize("by_itself", [True, False])
def test_a_thread_that_hangs_is_not_waited_for(by_itself: bool) -> None:
    """As one does that looks a name up while no server answers."""
    argv = [sys.executable, "-P", "-c", HANGING, *([] if by_itself else ["wait"])]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "hangs\n"
    if not by_itself:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == (7 if by_itself else 143)


def test_what_was_started_with_nohup_outlives_its_terminal(workspace: Workspace, terminal: Open) -> None:
    workspace.write(OWN)
    shell = terminal(["/usr/bin/env", "nohup", PROGRAM, "run", "case.yaml"])
    shell.until(lambda: workspace.under_way(OWN))
    shell.hang_up()
    workspace.let_go()
    assert shell.end() == 0
    assert workspace.did == ["first", "x"]


def test_a_command_that_has_no_run_is_stopped_too(workspace: Workspace, terminal: Open) -> None:
    """Here one that waits for the journal, which another program holds."""
    workspace.write(OWN)
    assert workspace.line.run("runs").code == 0
    with workspace.journal_locked():
        shell = terminal([PROGRAM, "run", "case.yaml"])
        shell.until(lambda: shell.heeds(signal.SIGTERM))
        shell.until_ended(lambda: shell.signal(signal.SIGTERM))
        # A signal more, once its loop is closed and nobody hears any more, ends it too: shells count both as 143.
        assert shell.end() in (143, -signal.SIGTERM)
    left_as_found(shell)
    assert "Traceback" not in shell.text


def test_a_cancel_that_is_stopped_is_gone_on_with(workspace: Workspace, terminal: Open) -> None:
    """`finally` is done at every end, so that cancelling takes as long as that does."""
    case = Case(
        "finally",
        f"  - {{id: gate, type: approval, show: Go on?}}\nfinally:\n  steps:\n  - {{id: x, {command('x')}}}\n",
    )
    workspace.write(case)
    left = workspace.line.run("run", "case.yaml", "--json")
    assert left.code == 3
    shell = terminal([PROGRAM, "cancel", left.document["run"]])
    shell.until(lambda: "x" in workspace.began)
    stop(shell, signal.SIGINT)
    run = stopped(workspace, case)
    assert f"understudy resume {run}" in shell.text
    workspace.let_go()
    ended = workspace.line.run("resume", run, "--json")
    assert (ended.code, ended.document["status"]) == (6, "cancelled")
    assert workspace.did == ["first", "x"]
    workspace.until_nothing_is_alive()


def test_a_run_that_another_process_has_is_cancelled_there(workspace: Workspace, terminal: Open) -> None:
    workspace.write(OWN)
    shell = terminal([PROGRAM, "run", "case.yaml"])
    shell.until(lambda: workspace.under_way(OWN))
    asked = workspace.line.run("cancel", "last", "--json")
    assert (asked.code, asked.document["asked"]["owner"]) == (0, f"pid {shell.pid}")
    assert shell.end() == 6
    assert f"run {asked.document['run']} cancelled" in shell.text
    assert workspace.did == ["first"]


@pytest.mark.parametrize("by", ["the key", "a signal"])
def test_ctrl_z_gives_the_screen_back_and_fg_draws_it_again(workspace: Workspace, terminal: Open, by: str) -> None:
    workspace.write(OWN)
    shell = terminal(screens())
    shell.until(lambda: workspace.under_way(OWN) and shell.in_alternate_screen)
    if by == "the key":
        shell.press(b"\x1a")
        shell.suspended()
    else:
        shell.suspend()
    left_as_found(shell)
    seen = len(shell.said)
    shell.foreground()
    shell.until(lambda: shell.in_alternate_screen and b"first" in shell.said[seen:])
    assert shell.attributes != shell.before
    workspace.let_go()
    workspace.until(lambda: workspace.did[:2] == ["first", "x"])
    stop(shell, signal.SIGTERM)


def test_after_ctrl_z_the_command_line_asks_again(workspace: Workspace, terminal: Open) -> None:
    case = BY_NAME["approval"]
    workspace.write(case)
    shell = terminal([PROGRAM, "run", "case.yaml"])
    shell.until(b"then enter:")
    shell.suspend()
    seen = len(shell.said)
    shell.foreground()
    shell.until(lambda: b"then enter:" in shell.said[seen:])
    shell.press(b"1\n")
    assert shell.end() == 0


def test_a_paused_run_that_was_stopped_is_resumed(workspace: Workspace, terminal: Open) -> None:
    case = Case("paused", f"  - {{id: x, {command('x')}}}\n  - {{id: y, {command('y')}}}\n", did=("first", "x", "y"))
    workspace.write(case)
    shell = terminal(screens())
    shell.until(lambda: workspace.under_way(case) and shell.in_alternate_screen)
    shell.press(b" ")
    workspace.until(lambda: "RunPaused" in workspace.recorded_events)
    workspace.let_go()
    workspace.until(lambda: "x" in workspace.did)
    stop(shell, signal.SIGINT)
    (run,) = workspace.line.run("runs", "--json").document["runs"]
    assert (run["status"], run["owner"]) == ("paused", "")
    assert workspace.did == ["first", "x"], "no new step starts"
    ended = workspace.line.run("resume", run["run"], "--unattended", "--json")
    assert ended.document["status"] == "succeeded"
    assert sorted(workspace.did) == sorted(case.did)


HELD = """
import signal, sys
from textual.app import App
from app.tui.terminal import Terminal
class Held(App[None]):
    def on_ready(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.exit())
        with self._driver._writer_thread._queue.mutex:
            signal.raise_signal(signal.SIGTSTP)
Held(driver_class=Terminal).run()
"""


def test_ctrl_z_in_the_middle_of_a_write_holds_nothing_up(terminal: Open) -> None:
    """A signal is taken between any two instructions, also where a lock is held that giving the screen back needs."""
    shell = terminal(["/usr/bin/env", f"PYTHONPATH={ROOT}", sys.executable, "-P", "-c", HELD])
    shell.suspended()
    left_as_found(shell)
    shell.foreground()
    assert shell.end() == 0
    left_as_found(shell)
