"""The small form of the proof of several processes; `./dev proof processes` plays 100 runs.

What is planted afterwards shows that the proof would find a real fault.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.proof.aftermath import read, violations
from tests.proof.ground import Ground
from tests.support.databases import ROOT

RUNS = 8


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A game that was played, and in which nothing was violated."""
    folder = tmp_path_factory.mktemp("attack") / "game"
    options = ["--runs", str(RUNS), "--kills", "6", "--pause", "0.5", "--limit", "600", "--keep", str(folder)]
    command = [sys.executable, "-m", "tests.proof.two_processes", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return Ground(folder)


def test_two_processes_that_are_killed_and_answer_for_each_other_lose_nothing(game: Ground) -> None:
    runs = asyncio.run(read(game))
    assert len(runs) >= RUNS
    assert list(violations(game, runs, RUNS)) == []
    told = game.told()
    assert {each.by for each in told} == {"player 1", "player 2"}
    assert any(each.left for each in told if each.what == "answered"), "nobody answered for another process"


def line(game: Ground, name: str, **like: Any) -> dict[str, Any]:
    """The first line of a file that is like this."""
    lines = [json.loads(text) for text in (game.folder / name).read_text().splitlines()]
    return next(found for found in lines if like.items() <= found.items())


@pytest.mark.parametrize(
    ("name", "like", "change", "says"),
    [
        ("deeds", {"effect": "unsafe"}, {}, "was done 2 times"),
        ("deeds", {"effect": "idempotent"}, {"key": "another"}, "was done without its intent"),
        ("told", {"what": "answered", "choice": "answer"}, {"value": -1}, "was told that it counts"),
        ("told", {"what": "started"}, {"run": "ffffffff"}, "something was told, and they are not there"),
    ],
)
def test_what_is_wrong_is_found(game: Ground, name: str, like: Any, change: Any, says: str) -> None:
    path = game.folder / name
    before = path.read_text()
    try:
        path.write_text(before + json.dumps({**line(game, name, **like), **change}) + "\n")
        assert says in " ".join(violations(game, asyncio.run(read(game)), RUNS))
    finally:
        path.write_text(before)
