"""The storage proof: the disk refuses to write, at every place in turn, and later has room again.

`python -m tests.proof.storage` (or `./dev proof storage`) plays every place, with a full disk (ENOSPC) and a broken one
(EIO), then a real file system that is full from ever another moment on, and prints the figures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.proof.case import Case
from tests.proof.invariants import Life, Outcome, violations
from tests.proof.lanes import WORKFLOWS, Lane, open_lanes
from tests.proof.points import look_at_start
from tests.proof.table import Progress, print_table
from tests.proof.tracing import Strike, refusing, why_not

ERRORS = ("ENOSPC", "EIO")

REFUSABLE = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "openat", "mkdir", "rename", "renameat")
"""System calls that a full or broken disk refuses."""

LONG = 4
"""How many calls in a row are refused."""

ROOM = 2_000_000
"""Bytes of the file system that is filled."""


@dataclass(frozen=True)
class Refusal:
    """What became of one refusal. `waited`: the run stood still; `in_words`: the process ended, and said why."""

    kind: str
    place: str
    reached: bool
    waited: bool
    in_words: bool
    violations: tuple[str, ...]


def places(lane: Lane) -> tuple[Outcome, list[Strike]]:
    """Where the engine's process writes to files, of its own or of the workspace."""
    clean, points = look_at_start(lane, strace=True)
    strikes = [point.strike for point in points if point.strike and point.strike.name in REFUSABLE]
    return clean, [strike for strike in strikes if f"{lane.folder}/" in strike.line]


def play(lane: Lane, strike: Strike, error: str, clean: Outcome) -> Refusal:
    """Refuse a few calls from there on, and let another process go on where the first one ends in words."""
    case = lane.new_case()
    # A disk refuses to create; what opens a file to read it, such as an import, is none of its business.
    opens = strike.name == "openat"
    first = lane.live(case, "start", watch=refusing(strike, error, 1 if opens else LONG), impatient=True)
    traced = case.folder / f"trace.{strike.thread}"
    lines = traced.read_text(errors="replace").splitlines() if traced.exists() else []
    refused = [line for line in lines if "(INJECTED)" in line]
    place = f"{strike.name} {strike.number} of thread {strike.thread}"
    if opens and not all("O_CREAT" in line for line in refused):
        return Refusal(error, place, False, False, False, ())
    return _seen(lane, case, first, clean, error, place, reached=bool(refused))


def fill(lane: Lane, room: int, clean: Outcome) -> Refusal:
    """Leave so many bytes of a real file system, which has room again once a process has said that it has none."""
    case = lane.new_case()
    with (case.paths.data.parent / "filler").open("wb") as filler:
        status = os.statvfs(filler.fileno())
        os.posix_fallocate(filler.fileno(), 0, max(1, status.f_bavail * status.f_frsize - room))
    first = lane.live(case, "start", impatient=True)
    (case.paths.data.parent / "filler").unlink(missing_ok=True)
    told = any(line.startswith(("stuck", "refused")) for line in first.ended.told)
    return _seen(lane, case, first, clean, "a full file system", f"{room} bytes left", reached=told)


def _seen(lane: Lane, case: Case, first: Life, clean: Outcome, kind: str, place: str, *, reached: bool) -> Refusal:
    lives = [first]
    if first.ended.code == 4:
        lives.append(lane.live(case, "resume" if first.journal.run else "start", impatient=True))
    waited = any(line.startswith("stuck") for line in first.ended.told)
    found = tuple(violations(case, lives, clean, trouble=True))
    return Refusal(kind, place, reached, waited, first.ended.code == 4, found)


def injected(each: Callable[..., Iterable[object]], every: int) -> list[Refusal]:
    """Every place, with every error."""
    ((clean, strikes),) = each(lambda lane, _: places(lane), [None])
    items = [(strike, error) for error in ERRORS for strike in strikes[::every]]
    progress = Progress(len(items))
    played = each(lambda lane, item: play(lane, *item, clean), items)
    return [progress.add(result, f"{result.kind} at {result.place}", result.violations) for result in played]


def filled(lanes: int, every: int) -> list[Refusal]:
    """A file system in memory, with ever more room left. Where it is mounted nobody else sees it."""
    mounted: set[Path] = set()

    def mounting(lane: Lane, room: int, clean: Outcome) -> Refusal:
        home = lane.folder / "home"
        if home not in mounted:
            home.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "proof", home], check=True)
            mounted.add(home)
        return fill(lane, room, clean)

    with open_lanes(lanes, WORKFLOWS[0]) as each:
        try:
            ((clean, _),) = each(lambda lane, _: look_at_start(lane, strace=False), [None])
            rooms = range(0, 1_000_000, 8192 * every)
            progress = Progress(len(rooms))
            played = each(lambda lane, room: mounting(lane, room, clean), rooms)
            return [progress.add(result, result.place, result.violations) for result in played]
        finally:
            for home in mounted:
                subprocess.run(["umount", home], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev proof storage", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th place")
    parser.add_argument("--lanes", type=int, default=2, help="how many cases are played side by side")
    parser.add_argument("--part", choices=["injected", "filled"], help="only one of the two parts")
    parser.add_argument("--unshared", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    began = time.monotonic()
    if chosen.unshared:
        return report(filled(chosen.lanes, chosen.every), began)
    code = 0
    if chosen.part != "filled":
        if reason := why_not():
            print(f"left out, refusals at every place: {reason}", file=sys.stderr)
        else:
            with open_lanes(chosen.lanes, WORKFLOWS[0]) as each:
                code = report(injected(each, chosen.every), began)
    if chosen.part != "injected":
        if reason := why_no_mount():
            print(f"left out, a real full file system: {reason}", file=sys.stderr)
        else:
            again = [sys.executable, "-m", "tests.proof.storage", "--unshared", "--every", str(chosen.every)]
            code |= subprocess.run([*_unshare(), *again, "--lanes", str(chosen.lanes)]).returncode
    return code


def why_no_mount() -> str:
    """Why no file system can be mounted here; empty where one can."""
    try:
        command = [*_unshare(), "mount", "-t", "tmpfs", "proof", "/mnt"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return f"{error.filename} is not installed"
    return done.stderr.strip()


def _unshare() -> list[str]:
    return ["unshare", "--mount", *(["--user", "--map-root-user"] if os.geteuid() else [])]


def report(results: Sequence[Refusal], began: float) -> int:
    """The figures. 1 where something was violated."""
    groups: dict[str, list[Refusal]] = {}
    for result in results:
        groups.setdefault(result.kind, []).append(result)
    print_table(
        ("refused with", "places", "reached", "the run waited", "ended in words", "violations"),
        [
            (
                kind,
                len(group),
                sum(result.reached for result in group),
                sum(result.waited for result in group),
                sum(result.in_words for result in group),
                sum(bool(result.violations) for result in group),
            )
            for kind, group in groups.items()
        ],
    )
    print(f"\n{time.monotonic() - began:.0f} s in all.\n")
    return int(any(result.violations for result in results))


if __name__ == "__main__":
    sys.exit(main())
