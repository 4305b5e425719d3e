"""The crash proof: a process is killed at every system call that changes something, and another one goes on.

`python -m tests.proof.crash` (or `./dev proof crash`) plays every point and prints the figures.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.proof.invariants import Outcome, violations
from tests.proof.lanes import WORKFLOWS, Lane, open_lanes
from tests.proof.points import Point, kill, look_at_start
from tests.proof.table import Progress, print_table
from tests.proof.tracing import why_not


@dataclass(frozen=True)
class Result:
    """What became of one point. `reached`: the process was killed there. `resumed`: seconds of the one that went on."""

    point: Point
    reached: bool
    asked: bool
    resumed: float
    violations: tuple[str, ...]


def play(lane: Lane, point: Point, clean: Outcome, *, fault: str = "") -> Result:
    """Kill a run at the point, have another process go on with it, and look."""
    case = lane.new_case()
    died = kill(lane, case, "start", point, fault=fault)
    lives = [died]
    if died.ended.killed:
        lives.append(lane.live(case, "resume" if died.journal.run else "start", fault=fault))
    found = tuple(violations(case, lives, clean))
    return Result(point, died.ended.killed, lives[-1].asked("unknown"), lives[-1].ended.took, found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof crash", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th point")
    parser.add_argument("--lanes", type=int, default=2, help="how many cases are played side by side")
    parser.add_argument("--workflow", action="append", choices=WORKFLOWS, help="only this workflow")
    parser.add_argument("--wrapper", action="store_true", help="kill at Python's own writes, without strace")
    parser.add_argument("--fault", default="", help="plant this fault (tests/proof/faults.py), to see it found")
    chosen = parser.parse_args()
    if reason := "--wrapper was given" if chosen.wrapper else why_not():
        print(f"without strace: {reason}", file=sys.stderr)
    violated = False
    for workflow in chosen.workflow or WORKFLOWS:
        began = time.monotonic()
        with open_lanes(chosen.lanes, workflow) as each:
            ((clean, points),) = each(lambda lane, _: look_at_start(lane, strace=not reason), [None])
            results = played(each, points[:: chosen.every], clean, chosen.fault)
        report(workflow, results, time.monotonic() - began)
        violated |= any(result.violations for result in results)
    return int(violated)


def played(each: Callable[..., Iterable[Result]], points: Sequence[Point], clean: Outcome, fault: str) -> list[Result]:
    """Every point."""
    progress = Progress(len(points))
    return [
        progress.add(result, str(result.point), result.violations)
        for result in each(lambda lane, point: play(lane, point, clean, fault=fault), points)
    ]


def report(workflow: str, results: Sequence[Result], took: float) -> None:
    """The figures."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.point.name, []).append(result)
    rows = [(name, *_figures(group)) for name, group in sorted(groups.items(), key=lambda item: -len(item[1]))]
    head = (f"{workflow}: killed at", "points", "reached", "a person was asked", "violations")
    print_table(head, [*rows, ("all", *_figures(results))])
    slowest = max((result.resumed for result in results), default=0.0)
    print(f"\n{took:.0f} s in all. The slowest second process took {slowest:.2f} s to the end of the run.\n")


def _figures(results: Sequence[Result]) -> tuple[int, int, int, int]:
    return (
        len(results),
        sum(result.reached for result in results),
        sum(result.asked for result in results),
        sum(bool(result.violations) for result in results),
    )


if __name__ == "__main__":
    sys.exit(main())
