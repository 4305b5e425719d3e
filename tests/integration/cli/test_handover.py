"""A run goes on without the screen that it was begun on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from app.handover import hand_over
from tests.integration.cli.test_detached import GATE, until
from tests.support.command_line import CommandLine
from workflows.errors import UnderstudyError


def test_a_process_of_its_own_goes_on_with_it_and_people_answer_from_anywhere(line: CommandLine) -> None:
    line.write("flow.yaml", GATE)
    run = line.run("run", "flow.yaml", "--json").document["run"]
    process = hand_over(run, line.cwd, line.environment)
    try:
        (listed,) = line.run("runs", "--json").document["runs"]
        assert (listed["status"], listed["owner"]) == ("waiting", f"pid {process}")
        line.run("answer", run, "gate:1", "approve")
        until(lambda: line.run("show", run, "--json").document["status"] == "succeeded")
    except BaseException:
        os.kill(process, signal.SIGKILL)
        raise


def test_what_keeps_it_from_going_on_is_said(line: CommandLine, tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match=r"was not taken over: .*nosuchrun") as raised:
        hand_over("nosuchrun", line.cwd, line.environment)
    assert "understudy resume nosuchrun" in raised.value.hint
