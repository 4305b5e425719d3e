"""Plots in text fill the room they are given, and show what was there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.present.plots import heaped, sparkline, stacks


@pytest.mark.parametrize(
    ("values", "width", "line"),
    [
        ([], 5, ""),
        ([1], 0, ""),
        ([0, 0], 5, "▁▁"),
        ([0, 1, 2, 4], 9, "▁▃▅█"),
        ([None, 3, None], 9, "·█·"),
        ([1, 2, 3, 4, 5, 6, 7, 8], 4, "▃▅▇█"),
        ([None, None, 1, None], 2, "·█"),
    ],
)
def test_sparklines(values: list[float | None], width: int, line: str) -> None:
    assert sparkline(values, width) == line


def test_a_chart_has_its_columns_from_the_bottom() -> None:
    drawn = stacks([(4, 0), (0, 0), (1, 1), (0, 2)], 4)
    glyphs = ["".join(".sf"[kind + 1] for kind in row) for row in drawn]
    assert glyphs == ["s...", "s...", "s.sf"[:2] + "ff", "s.sf"]


def test_a_failure_shows_in_a_high_column_however_many_succeeded() -> None:
    assert [row[0] for row in stacks([(999, 1)], 5)] == [1, 0, 0, 0, 0]
    # A low column shows what most of it is.
    assert [row[1] for row in stacks([(1000, 0), (199, 1)], 5)] == [-1, -1, -1, -1, 0]


def test_neighbours_are_added_up_where_there_is_no_room() -> None:
    assert heaped([(1, 0), (2, 1), (3, 0), (4, 1)], 2) == [[3, 1], [7, 1]]
    assert heaped([(1, 0), (2, 1)], 9) == [[1, 0], [2, 1]]


@given(st.lists(st.tuples(*[st.integers(0, 10_000)] * 3), max_size=40), st.integers(0, 50), st.integers(0, 12))
def test_charts_fit_their_room(columns: list[tuple[int, int, int]], width: int, height: int) -> None:
    heaps = heaped(columns, width)
    assert len(heaps) <= max(width, 0)
    if width:
        assert [sum(kind) for kind in zip(*heaps, strict=True)] == [sum(kind) for kind in zip(*columns, strict=True)]
    rows = stacks(heaps, height)
    assert len(rows) == height
    for place, heap in enumerate(heaps):
        cells = [row[place] for row in reversed(rows)]
        kinds = [kind for kind in cells if kind >= 0]
        assert cells == [*kinds, *[-1] * (height - len(kinds))], "nothing hangs in the air"
        assert kinds == sorted(kinds)
        assert bool(kinds) == (sum(heap) > 0 and height > 0)
        assert all(heap[kind] for kind in kinds)
