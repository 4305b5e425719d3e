"""Killed at any write while a run is begun from another one: all of its beginning is there, or nothing of it.

`UNDERSTUDY_EVERY_WRITE=1` tries every write; without it a few are tried.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from itertools import count
from pathlib import Path

from tests.proof.conftest import with_strace
from tests.support.command_line import PROGRAM, CommandLine
from workflows.journal.port import Query
from workflows.journal.sqlite.store import SqliteStore
from workflows.runs import events as e

FLOW = """\
name: Three
steps:
  - {id: a, type: skill, skill: command, effect: pure, parameters: {argv: [sh, -c, "echo a >> done"]}}
  - {id: b, type: transform, value: 2}
  - {id: c, type: transform, value: 3}
outputs: {c: "${{ steps.c.output }}"}
"""
FEW = (0.3, 0.6, 0.7, 0.9)
"""Parts of all writes of a fork after which it is killed: two before it has begun, two after."""


async def journals(folder: Path) -> dict[str, list[e.Event]]:
    store = await SqliteStore.open(folder)
    try:
        runs = [summary.run_id for summary in await store.runs(Query())]
        return {run: [recorded.event for recorded in await store.read(run)] for run in runs}
    finally:
        await store.close()


def killed_at(line: CommandLine, run: str, write: int) -> bool:
    """Fork the run, and kill the program at this write of any of its threads. False where it has fewer."""
    inject = ["-e", "trace=pwrite64", "-e", f"inject=pwrite64:signal=SIGKILL:when={write}"]
    command = ["strace", "-f", "-qq", "-o", os.devnull, *inject, str(PROGRAM), "rerun", run, "--from", "c"]
    done = subprocess.run(command, cwd=line.cwd, env=line.environment, capture_output=True, timeout=120, check=False)
    return done.returncode != 0


def writes_of(line: CommandLine, run: str, to: Path) -> int:
    """How often the program writes while it forks the run and goes on with it."""
    command = ["strace", "-f", "-qq", "-o", str(to), "-e", "trace=pwrite64", str(PROGRAM), "rerun", run, "--from", "c"]
    subprocess.run(command, cwd=line.cwd, env=line.environment, capture_output=True, timeout=120, check=True)
    return to.read_text().count("pwrite64(")


@with_strace
def test_killed_at_any_write_a_fork_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    line = CommandLine(tmp_path / "work", tmp_path / "home")
    line.write("three.yaml", FLOW)
    origin = line.run("run", "three.yaml", "--json").document["run"]
    folder = line.home / "state" / "data" / "journal"
    before = asyncio.run(journals(folder))[origin]
    total = writes_of(line, origin, tmp_path / "writes")
    writes = count(1) if os.environ.get("UNDERSTUDY_EVERY_WRITE") else (round(part * total) for part in FEW)
    whole = {*asyncio.run(journals(folder))} - {origin}
    forks: dict[str, list[e.Event]] = {}
    for write in writes:
        died = killed_at(line, origin, write)
        found = asyncio.run(journals(folder))
        assert found.pop(origin) == before
        found = {run: events for run, events in found.items() if run not in whole}
        for events in found.values():
            assert isinstance(events[0], e.RunStarted)
            assert events[0].forked_from == origin
            reused = [event.step for event in events[1:3] if isinstance(event, e.StepReused)]
            assert reused == ["a", "b"], f"killed at write {write}"
        forks = found
        if not died:
            break
    assert forks, "no fork was begun before it was killed: the points are too early"
    cut = [run for run, events in forks.items() if not isinstance(events[-1], e.RunFinished)]
    for run in cut[:1]:
        assert line.run("resume", run).stdout == "3\n"
    assert (line.cwd / "done").read_text() == "a\n"
