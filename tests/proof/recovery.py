"""The recovery proof: the process that goes on after a crash is killed too, and a third one goes on.

`python -m tests.proof.recovery` (or `./dev proof recovery`) plays pairs of points, then every prefix of a recorded
journal, and prints the figures.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.proof.invariants import Outcome, violations
from tests.proof.lanes import WORKFLOWS, Lane, open_lanes
from tests.proof.points import Point, kill, look, look_at_start, sample
from tests.proof.prefixes import Recording, record
from tests.proof.prefixes import play as play_prefix
from tests.proof.table import Progress, print_table
from tests.proof.tracing import why_not


@dataclass(frozen=True)
class Pair:
    """What became of one pair of points. `reached`: the second process was killed at its point too."""

    first: Point
    second: Point
    reached: bool
    asked: bool
    violations: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.first}, then {self.second}"


def play(lane: Lane, number: int, first: Point, clean: Outcome, seconds: int, *, strace: bool) -> list[Pair]:
    """Kill a run at the first point, and from there on at each of so many second points."""
    case = lane.new_case()
    died = kill(lane, case, "start", first)
    if not died.ended.killed:
        return []
    kept = lane.folder.with_name(f"{lane.folder.name}-kept")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(lane.folder, kept, symlinks=True)
    command = "resume" if died.journal.run else "start"
    points = look(lane, case, command, strace=strace).points

    def again(second: Point) -> Pair:
        shutil.rmtree(lane.folder)
        shutil.copytree(kept, lane.folder, symlinks=True)
        killed = kill(lane, case, command, second)
        lives = [died, killed]
        if killed.ended.killed:
            lives.append(lane.live(case, "resume" if killed.journal.run else "start"))
        found = tuple(violations(case, lives, clean))
        return Pair(first, second, killed.ended.killed, lives[-1].asked("unknown"), found)

    return [again(second) for second in sample(points, seconds, number)]


def pairs(workflow: str, firsts: int, seconds: int, lanes: int, *, strace: bool) -> Iterator[list[Pair]]:
    """So many first points, each with so many second ones."""
    with open_lanes(lanes, workflow) as each:
        ((clean, points),) = each(lambda lane, _: look_at_start(lane, strace=strace), [None])
        chosen = list(enumerate(sample(points, firsts)))
        yield from each(lambda lane, item: play(lane, *item, clean, seconds, strace=strace), chosen)


def prefixes(workflow: str, lanes: int) -> list[tuple[str, ...]]:
    """What is violated after each prefix of a journal, in both ways."""
    recordings: dict[Lane, Recording] = {}

    def play_one(lane: Lane, item: tuple[int, bool]) -> tuple[str, ...]:
        length, happened = item
        recording = recordings[lane] if lane in recordings else recordings.setdefault(lane, record(lane))
        return play_prefix(lane, recording, min(length, len(recording.journal.events)), happened=happened)

    with open_lanes(lanes, workflow) as each:
        (whole,) = each(lambda lane, _: len(recordings.setdefault(lane, record(lane)).journal.events), [None])
        items = [(length, happened) for length in range(1, whole) for happened in (True, False)]
        progress = Progress(len(items))
        return [
            progress.add(found, f"event {length}, {'happened' if happened else 'not happened'}", found)
            for (length, happened), found in zip(items, each(play_one, items), strict=True)
        ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof recovery", description=__doc__)
    parser.add_argument("--firsts", type=int, default=32, help="at how many points the first process is killed")
    parser.add_argument("--seconds", type=int, default=20, help="at how many points each second process is killed")
    parser.add_argument("--lanes", type=int, default=2, help="how many cases are played side by side")
    parser.add_argument("--workflow", action="append", choices=WORKFLOWS, help="only this workflow")
    chosen = parser.parse_args()
    if reason := why_not():
        print(f"without strace: {reason}", file=sys.stderr)
    began = time.monotonic()
    rows: list[tuple[str, int, int, int, int]] = []
    for workflow in chosen.workflow or WORKFLOWS:
        progress = Progress(chosen.firsts * chosen.seconds)
        found = [
            progress.add(pair, str(pair), pair.violations)
            for group in pairs(workflow, chosen.firsts, chosen.seconds, chosen.lanes, strace=not reason)
            for pair in group
        ]
        reached, asked = sum(pair.reached for pair in found), sum(pair.asked for pair in found)
        violated = sum(bool(pair.violations) for pair in found)
        rows.append((f"{workflow}: killed, and killed again", len(found), reached, asked, violated))
        after = prefixes(workflow, chosen.lanes)
        rows.append((f"{workflow}: cut off after each event", len(after), len(after), 0, sum(map(bool, after))))
    print_table(("", "cases", "reached", "a person was asked", "violations"), rows)
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    return int(any(row[-1] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
