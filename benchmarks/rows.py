"""What is measured: each row takes one figure of one entrant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

import psutil

from benchmarks.entrant import Entrant


@dataclass(frozen=True)
class Sizes:
    """How much is done. The defaults are what docs/performance.md is made with."""

    chain: int = 100
    long: int = 1_000
    width: int = 200
    runs: int = 100
    steps: int = 5
    history: int = 10_000
    memory: int = 1_000


@dataclass(frozen=True)
class Measured:
    """One figure. `repeated`: how many steps were done again though they were finished."""

    figure: float
    repeated: int = 0


@dataclass(frozen=True)
class Row:
    """One comparison. `peers` says whether others are measured too, or only the floor and ourselves.

    `warm_up`: a round that is not counted comes first: libraries load late, and a log that still grows is slow.
    `turns`: each takes so many in a round, because what is over soon is measured within a whim of the disk; with zero
    it is one in all.
    `aim` is how many times the floor's figure ours may be, `at_most` bounds our figure itself; zero: no aim.
    """

    name: str
    title: str
    unit: str
    measure: Callable[[Entrant, Sizes], Measured]
    better: Literal["less", "more"] = "less"
    peers: bool = True
    warm_up: bool = True
    turns: int = 1
    aim: float = 0.0
    at_most: float = 0.0


def _chain(entrant: Entrant, sizes: Sizes) -> Measured:
    return Measured(1000 * entrant.seconds("chain", sizes.chain, steps=sizes.chain) / sizes.chain)


def _fan_out(entrant: Entrant, sizes: Sizes) -> Measured:
    total = sizes.width * (sizes.width + 1) // 2
    return Measured(1000 * entrant.seconds("fan_out", total, width=sizes.width))


def _runs(entrant: Entrant, sizes: Sizes) -> Measured:
    """The middle one of three: a process that stood still while others had their turns has to find its feet again."""
    count = sizes.runs * sizes.steps
    taken = [entrant.seconds("many", count, runs=sizes.runs, steps=sizes.steps) for _ in range(3)]
    return Measured(sizes.runs / median(taken))


def _process(entrant: Entrant, sizes: Sizes) -> Measured:
    return Measured(entrant.process())


def _killed(entrant: Entrant, sizes: Sizes) -> Measured:
    return Measured(*entrant.killed(sizes.long))


def _length(entrant: Entrant, sizes: Sizes) -> Measured:
    """The short ones before and after the long one, so that the disk is as quick for them as for it."""

    def short() -> list[float]:
        return [entrant.seconds("chain", sizes.chain, steps=sizes.chain) / sizes.chain for _ in range(3)]

    before = short()
    long = entrant.seconds("chain", sizes.long, steps=sizes.long) / sizes.long
    return Measured(long / median(before + short()))


def _history(entrant: Entrant, sizes: Sizes) -> Measured:
    if not (entrant.folder / "history").exists():
        entrant.ask("fill", "history", runs=sizes.history)
    taken: dict[str, list[float]] = {"empty": [], "history": []}
    for folder in 5 * ("empty", "history"):
        taken[folder].append(entrant.seconds("chain", sizes.chain, folder, steps=sizes.chain))
    return Measured(median(taken["history"]) / median(taken["empty"]))


def _memory(entrant: Entrant, sizes: Sizes) -> Measured:
    """The second half of the runs, because a process fills its caches at first, SQLite's 2 MB of pages among them."""
    for _ in range(sizes.memory // 20):
        entrant.ask("many", "memory", runs=10, steps=sizes.steps)
    process = psutil.Process(entrant.pid)
    before = process.memory_info().rss
    for _ in range(sizes.memory // 20):
        entrant.ask("many", "memory", runs=10, steps=sizes.steps)
    return Measured((process.memory_info().rss - before) / 1e6 * 1000 / (sizes.memory / 2))


ROWS = (
    Row("chain", "Chain of 100 steps", "ms a step", _chain, turns=3, aim=1.5),
    Row("fan-out", "Fan-out of 200 with a join", "ms", _fan_out, turns=2, aim=3),
    Row("runs", "100 runs of 5 steps at once", "runs/s", _runs, better="more", turns=2, aim=3),
    Row("process", "One-step run, whole process", "s", _process, at_most=0.5),
    Row(
        "killed", "Chain of 1,000 killed half way, resumed as a whole process", "s", _killed, warm_up=False, at_most=1.0
    ),
    Row(
        "length",
        "A step's cost in a chain of 1,000, against one of 100",
        "×",
        _length,
        peers=False,
        warm_up=False,
        at_most=1.1,
    ),
    Row(
        "history",
        "A step's cost with 10,000 runs of history, against none",
        "×",
        _history,
        peers=False,
        warm_up=False,
        at_most=1.1,
    ),
    Row(
        "memory",
        "Memory that 1,000 more runs of 5 steps keep",
        "MB",
        _memory,
        peers=False,
        warm_up=False,
        turns=0,
        at_most=1.0,
    ),
)
