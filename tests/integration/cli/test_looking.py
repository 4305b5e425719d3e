"""Commands that only look need nothing that can be written."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.command_line import PROGRAM, CommandLine, Ended

SAYS = """\
name: Says
steps:
  - {id: say, type: transform, value: hello}
"""

LOOKS = (
    *(["validate", "says.yaml"], ["plan", "says.yaml"], ["workflows"], ["skills"], ["agents"], ["schema"], ["runs"]),
    ["compose", "release", "notes"],
)


def without_room(line: CommandLine, *arguments: str) -> Ended:
    """The command where no file can grow, as on a full disk."""
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", PROGRAM, *arguments],
        cwd=line.cwd,
        env=line.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return line.without_traceback(Ended(done.returncode, done.stdout, done.stderr))


@pytest.mark.parametrize("arguments", LOOKS, ids=" ".join)
def test_they_work_where_no_state_can_be_kept(line: CommandLine, arguments: list[str]) -> None:
    line.write("says.yaml", SAYS)
    # Nobody can make a folder there, not even root.
    ended = line.run(*arguments, UNDERSTUDY_HOME="/proc/understudy")
    # A draft is made all the same; that it is not kept is said.
    said = [text for text in ended.stderr.splitlines() if "is not kept for --continue" not in text]
    assert (ended.code, "cannot" in "\n".join(said)) == (0, False), ended.stderr


def test_history_is_shown_where_the_disk_is_full(line: CommandLine) -> None:
    line.write("says.yaml", SAYS)
    run = line.run("run", "says.yaml", "--json").document["run"]
    listed = without_room(line, "runs", "--json")
    assert listed.code == 0, listed.stderr
    assert [found["run"] for found in listed.document["runs"]] == [run]
    shown = without_room(line, "show", run, "--json")
    assert shown.document["status"] == "succeeded"
    assert without_room(line, "validate", "says.yaml").code == 0
    assert without_room(line, "run", "says.yaml").code == 4


def test_what_is_no_file_keeps_nobody_waiting(line: CommandLine) -> None:
    folder = line.cwd / ".understudy" / "workflows"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.yaml")
    (folder / "zero.yaml").symlink_to("/dev/zero")
    line.write("a.yaml", "name: A\nsteps: [{id: a, type: transform, value: 1}]\n")
    listed = line.run("workflows")
    assert listed.code == 0
    assert listed.stdout.count("not a plain") == 2
    assert line.run("run", "a.yaml").code == 0
