"""A fault of the program itself ends in one line and a log, never in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.command_line import CommandLine

BOOM = """
import sys, types
import click
from app.cli import main

@click.command("boom")
def command():
    raise RuntimeError("a \\x1b[31mhostile\\x1b[0m\\nreason")

main.COMMANDS["boom"] = "Fails."
sys.modules["app.cli.boom"] = types.SimpleNamespace(command=command)
sys.argv = ["understudy", "boom"]
main.main()
"""


def test_it_names_the_log_which_has_the_traceback(line: CommandLine) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOOM], cwd=line.cwd, env=line.environment, capture_output=True, text=True, check=False
    )
    log = line.home / "state" / "log" / "understudy.log"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Understudy has a fault: RuntimeError: a hostile\n  next: The details are in {log}.\n"
    assert "Traceback" in log.read_text()
    assert os.stat(log).st_mode & 0o077 == 0


def test_what_the_file_system_refuses_is_no_fault_of_the_program(line: CommandLine) -> None:
    boom = BOOM.replace("RuntimeError(", "OSError(30, 'Read-only file system', '/away/x') if 1 else (")
    done = subprocess.run(
        [sys.executable, "-c", boom], cwd=line.cwd, env=line.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert done.stderr == (
        "/away/x cannot be used: Read-only file system.\n"
        "  next: Give yourself the right to write there, or set UNDERSTUDY_HOME to another folder.\n"
    )


def test_where_no_log_can_be_written_it_says_so(line: CommandLine) -> None:
    (line.home / "state").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", BOOM], cwd=line.cwd, env=line.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.endswith("No log could be written.\n")
