"""A run in the middle of most kinds of step at the same time: every signal, one after the other, and then its end."""

from __future__ import annotations

import signal

import pytest

from tests.integration.signals.conftest import Open
from tests.integration.signals.test_each_kind import left_as_found, stop, stopped
from tests.support.command_line import PROGRAM
from tests.support.terminals import Terminal
from tests.support.under_way import ALL, Workspace, screens


def again(workspace: Workspace, terminal: Open, argv: list[str]) -> Terminal:
    """Start the program, and wait until everything is under way in it."""
    workspace.forget_what_began()
    shell = terminal(argv)
    shell.until(lambda: workspace.under_way(ALL))
    return shell


def test_every_signal_one_after_the_other(workspace: Workspace, terminal: Open) -> None:
    workspace.write(ALL)
    shell = again(workspace, terminal, [str(PROGRAM), "run", "case.yaml"])
    stop(shell, signal.SIGINT)
    run = stopped(workspace, ALL)
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        shell = again(workspace, terminal, [str(PROGRAM), "resume", run])
        stop(shell, number)
        stopped(workspace, ALL)
    workspace.let_go()
    ended = workspace.line.run("resume", run, "--unattended", "--json")
    assert ended.code == 3, "two things wait for a person"
    assert {waiting["step"] for waiting in ended.document["waiting"]} == {"gate", "ask"}
    assert sorted(workspace.did) == sorted(ALL.did)


@pytest.mark.parametrize("on", ["the command line", "the screens"])
def test_the_second_signal_leaves_at_once(workspace: Workspace, terminal: Open, on: str) -> None:
    workspace.write(ALL)
    shell = again(workspace, terminal, [str(PROGRAM), "run", "case.yaml"] if on == "the command line" else screens())
    shell.signal(signal.SIGINT)
    # One of its programs does not heed SIGTERM: without the second signal this takes until that is killed.
    shell.until_ended(lambda: shell.signal(signal.SIGINT))
    assert shell.end() == 130
    left_as_found(shell)
    assert "Traceback" not in shell.text
    assert "RunInterrupted" not in workspace.recorded_events
    stopped(workspace, ALL)


@pytest.mark.parametrize("on", ["the command line", "the screens"])
def test_no_program_outlives_us_when_we_are_killed(workspace: Workspace, terminal: Open, on: str) -> None:
    workspace.write(ALL)
    shell = again(workspace, terminal, [str(PROGRAM), "run", "case.yaml"] if on == "the command line" else screens())
    shell.signal(signal.SIGKILL)
    assert shell.end() == -signal.SIGKILL
    run = stopped(workspace, ALL)
    workspace.let_go()
    assert workspace.line.run("resume", run, "--unattended").code == 3
    assert sorted(workspace.did) == sorted(ALL.did)
