"""Figures drawn in text: a line of small bars, and columns made of several kinds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BLOCKS = "▁▂▃▄▅▆▇█"
NOTHING_THERE = "·"
"""Stands where there was nothing to measure; a measured zero is the lowest bar."""


def sparkline(values: Sequence[float | None], width: int) -> str:
    """At most `width` small bars from zero to the greatest value; where there are more values, bars stand for several.

    A bar of several shows the greatest of them.
    """
    shown = [_greatest(values[part]) for part in _slices(len(values), width)]
    top = max((value for value in shown if value is not None), default=0.0)
    return "".join(NOTHING_THERE if value is None else BLOCKS[_level(value, top)] for value in shown)


def _greatest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _level(value: float, top: float) -> int:
    return min(len(BLOCKS) - 1, int(value / top * len(BLOCKS))) if top > 0 else 0


def _slices(count: int, width: int) -> list[slice]:
    """So many neighbouring things in at most `width` heaps of nearly the same size."""
    heaps = max(min(count, width), 0)
    edges = [count * n // heaps for n in range(heaps + 1)] if heaps else []
    return [slice(first, after) for first, after in pairwise(edges)]


def heaped(columns: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """The columns, with neighbours added up where there are more than `width` of them."""
    return [[sum(kind) for kind in zip(*columns[part], strict=True)] for part in _slices(len(columns), width)]


TALL = 4
"""Cells from which on a column has one for each kind, however little there is of it."""


def stacks(columns: Sequence[Sequence[int]], height: int) -> list[list[int]]:
    """What stands in each row of a chart, the top row first: the number of the kind in each column, -1 for nothing.

    The highest column fills the `height`, and what was counted at all has a cell. Low columns show the greater part.
    """
    most = max((sum(column) for column in columns), default=0)
    cells = [_cells(column, most, height) for column in columns]
    return [[cell[row] if row < len(cell) else -1 for cell in cells] for row in reversed(range(height))]


def _cells(column: Sequence[int], most: int, height: int) -> list[int]:
    """The kinds of a column's cells, from the bottom."""
    total = sum(column)
    if not total or height < 1:
        return []
    tall = max(1, round(total / most * height))
    cells = [int(tall >= TALL and count > 0) for count in column]
    while sum(cells) < tall:
        # The next cell goes to the kind that lacks most of its part.
        lacking = [count / total * tall - has for count, has in zip(column, cells, strict=True)]
        cells[lacking.index(max(lacking))] += 1
    return [kind for kind, has in enumerate(cells) for _ in range(has)]
