"""The line of runs as files: exact about who is alive, and about how much there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from workflows.engine.limits import Claim
from workflows.engine.turns import Turns

ROOT = Path(__file__).parents[2]


def claim(priority: int = 0, since: float = 0.0, **needs: int) -> Claim:
    return Claim({"runs": 1, **needs}, priority, since)


def there(folder: Path) -> Turns:
    return Turns(folder / "turns", {"runs": 3, "gpu": 2})


def test_no_more_than_there_is_and_all_or_nothing(tmp_path: Path) -> None:
    turns = there(tmp_path)
    big, small, other = (turns.enter(name, claim(gpu=count)) for name, count in (("a", 2), ("b", 1), ("c", 1)))
    assert big.take()
    assert (small.take(), other.take()) == (False, False)
    assert (turns.free("runs"), turns.free("gpu")) == (2, 0)
    assert small.short_of() == ["gpu"]
    big.leave()
    assert (small.take(), other.take()) == (True, True)
    assert turns.line() == []


def test_what_needs_less_passes_what_waits_for_something_else(tmp_path: Path) -> None:
    turns = there(tmp_path)
    holds, waits, light = (
        turns.enter(name, claim(since=since, **needs))
        for name, since, needs in (("a", 1.0, {"gpu": 1}), ("b", 2.0, {"gpu": 2}), ("c", 3.0, {}))
    )
    assert holds.take()
    assert not waits.take()
    assert light.take()  # it needs no gpu
    greedy = turns.enter("d", claim(since=4.0, gpu=1))
    assert not greedy.take()  # the one that is free is kept for who waits longer
    holds.leave()
    assert waits.take()


def test_more_than_there_is_can_never_be(tmp_path: Path) -> None:
    assert there(tmp_path).enter("a", claim(gpu=3)).impossible == "gpu"
    assert there(tmp_path).enter("a", claim(tpu=1)).impossible == "tpu"
    assert there(tmp_path).enter("a", claim(gpu=2)).impossible == ""


CHILD = """
import sys, time
from pathlib import Path
from workflows.engine.limits import Claim
from workflows.engine.turns import Turns
turns = Turns(Path(sys.argv[1]) / "turns", {"runs": 3, "gpu": 2})
holds = turns.enter("child", Claim({"runs": 1, "gpu": 2}))
waits = turns.enter("child-waits", Claim({"runs": 1, "gpu": 1}, priority=5))
print(holds.take(), waits.take(), flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_held_is_free_at_once(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "True False\n"
        turns = there(tmp_path)
        mine = turns.enter("mine", claim(gpu=1))
        assert not mine.take()
        assert turns.line() == ["child-waits", "mine"]
        assert mine.place == 2
    finally:
        child.kill()
        child.wait()
    assert turns.line() == ["mine"]
    assert mine.take()
    assert (turns.free("runs"), turns.free("gpu"), turns.line()) == (2, 1, [])
