"""Whatever a run is at: a signal ends it in good order, nothing is left behind, and it goes on and does nothing twice.

Each kind of step is stopped once on the command line and once on the screens, by signals in turn; with ALL_SIGNALS in
the environment, by every signal on both.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.integration.signals.conftest import Open
from tests.support.command_line import PROGRAM
from tests.support.terminals import Terminal
from tests.support.under_way import CASES, Case, Workspace, screens

ALL = bool(os.environ.get("ALL_SIGNALS"))
"""Whether this is the full form, which has the machine to itself."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
WITHIN = 5.0 + 2.0
"""Seconds until it is over: five, and the grace that programs have."""


def in_turn(offset: int, without: str = "") -> list[object]:
    """Each case with the signals that it gets, but for one that takes long and is no other than elsewhere."""
    pairs = [
        (case, number)
        for place, case in enumerate(CASES)
        for turn, number in enumerate(SIGNALS)
        if ALL or ((place + offset) % len(SIGNALS) == turn and case.name != without)
    ]
    return [pytest.param(case, number, id=f"{case.name}-{number.name}") for case, number in pairs]


def stop(terminal: Terminal, number: signal.Signals, *, asks: bool = False) -> None:
    """End the program by the signal, SIGHUP by closing the terminal; see that it is over and the terminal as before.

    One that `asks` may see the end of what is typed before it hears the signal, and leaves because nobody is there.
    """
    began = time.monotonic()
    if number == signal.SIGHUP:
        terminal.hang_up()
    else:
        terminal.signal(number)
    nobody = {3} if asks and number == signal.SIGHUP else set()
    assert terminal.end() in {128 + number} | nobody, terminal.text
    assert not ALL or time.monotonic() - began < WITHIN, "a machine that does other things too says nothing of this"
    if number != signal.SIGHUP:
        left_as_found(terminal)
    assert "Traceback" not in terminal.text
    assert "has a fault" not in terminal.text


def left_as_found(terminal: Terminal) -> None:
    assert terminal.attributes == terminal.before
    assert not terminal.in_alternate_screen
    assert not terminal.hides_cursor


def stopped(workspace: Workspace, case: Case) -> str:
    """See that nothing is alive of the run and that anybody may go on with it; its id."""
    workspace.until_nothing_is_alive()
    (run,) = workspace.line.run("runs", "--json").document["runs"]
    assert (run["status"], run["owner"]) == (case.status, "")
    return str(run["run"])


def go_on(workspace: Workspace, case: Case, run: str) -> None:
    """Resume the run and take it to its end; see that everything was done, and done once."""
    workspace.let_go()
    ended = workspace.line.run("resume", run, "--unattended", "--json")
    if case.answers:
        (waiting,) = ended.document["waiting"]
        value = ("--value", "1") if case.answers == "answer" else ()
        ended = workspace.line.run("answer", run, waiting["entry"], case.answers, *value, "--json")
    assert ended.document["status"] == case.ends, ended.stderr
    assert sorted(workspace.did) == sorted(case.did)


@pytest.mark.parametrize(("case", "number"), in_turn(0))
def test_on_the_command_line(workspace: Workspace, terminal: Open, case: Case, number: signal.Signals) -> None:
    workspace.write(case)
    shell = terminal([PROGRAM, "run", "case.yaml"])
    shell.until(lambda: workspace.under_way(case))
    shell.suspend()
    left_as_found(shell)
    shell.foreground()
    stop(shell, number, asks=bool(case.answers))
    run = stopped(workspace, case)
    if number != signal.SIGHUP:
        assert f"understudy resume {run}" in shell.text
    go_on(workspace, case, run)


@pytest.mark.parametrize(("case", "number"), in_turn(2, without="agent"))
def test_on_the_screens(workspace: Workspace, terminal: Open, case: Case, number: signal.Signals) -> None:
    workspace.write(case)
    shell = terminal(screens())
    shell.until(lambda: workspace.under_way(case) and shell.in_alternate_screen)
    stop(shell, number)
    run = stopped(workspace, case)
    if number != signal.SIGHUP:
        assert f"understudy resume {run}" in shell.text.rpartition("\x1b[?1049l")[2]
