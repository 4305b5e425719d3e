"""The benchmarks' harness works: the floor and ourselves do every row, with tiny sizes. Nothing is said of the time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.entrant import Entrant
from benchmarks.field import COMMAND, FLOOR, OURS
from benchmarks.figures import Figures
from benchmarks.measure import measure
from benchmarks.product import Product
from benchmarks.report import BEGIN, END, Circumstances, put, report
from benchmarks.rows import ROWS, Measured, Sizes

TINY = Sizes(chain=2, long=40, width=3, runs=2, steps=2, history=3, memory=20)


@pytest.fixture
def entrants(tmp_path: Path) -> Iterator[list[Entrant]]:
    python = Path(sys.executable)
    made = [Entrant(profile, python, tmp_path / profile.name) for profile in (FLOOR, OURS)]
    made.append(Product(COMMAND, python, tmp_path / COMMAND.name))
    yield made
    for entrant in made:
        entrant.close()


def test_the_floor_and_ourselves_do_every_row(entrants: list[Entrant]) -> None:
    figures = measure([replace(row, warm_up=False) for row in ROWS], entrants, TINY, 1, print)
    assert figures.left_out == {}
    assert {row: set(found) for row, found in figures.taken.items()} == {
        row.name: {"floor", "understudy", *(["command"] if row.name in COMMAND.rows else [])} for row in ROWS
    }
    around = Circumstances(
        "2026-11-21", "a machine", (0.1, 0.2), (1.0, 2.0), 1, {"floor": {}}, {"Somebody": "no wheel"}
    )
    said = report(ROWS, [FLOOR, OURS, COMMAND], figures, around)
    assert "times the floor" in said
    assert "Somebody cannot be installed here: no wheel" in said
    assert put(f"before{BEGIN}old{END}after", said) == f"before{BEGIN}\n\n{said}\n{END}after"


def test_a_contestant_that_fails_is_left_out_and_says_why(entrants: list[Entrant]) -> None:
    chain = next(row for row in ROWS if row.name == "chain")
    figures = measure([chain], [entrants[0]], Sizes(chain=-1), 1, lambda text: None)
    assert figures.taken == {}
    assert figures.left_out == {("chain", "floor"): "came to 0, not -1"}


def test_ratios_are_taken_within_rounds() -> None:
    runs = next(row for row in ROWS if row.name == "runs")
    figures = Figures()
    for ours, theirs in ((10.0, 5.0), (100.0, 20.0), (30.0, 10.0)):
        figures.add("runs", "ours", Measured(ours))
        figures.add("runs", "theirs", Measured(theirs))
    assert figures.median("runs", "ours") == 30
    assert figures.ratio(runs, "theirs", "ours") == 3
    assert figures.best(runs, ["theirs", "ours", "nobody"]) == "ours"
