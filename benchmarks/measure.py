"""Rounds: in each, every entrant takes its turn, so that a slow minute of the machine is slow for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from benchmarks.entrant import Entrant, LeftOut
from benchmarks.figures import Figures
from benchmarks.rows import Row, Sizes

ENOUGH = 15.0
"""Seconds. A peer that took this long for a row is not measured in further rounds of it."""


def measure(
    rows: Sequence[Row], entrants: Sequence[Entrant], sizes: Sizes, rounds: int, say: Callable[[str], None]
) -> Figures:
    """Measure the rows in so many rounds, after one round that is not counted. Entrants are left open."""
    figures = Figures()
    for row in rows:
        taking = [each for each in entrants if _takes(each, row)]
        began = time.monotonic()
        spent: dict[str, float] = {}
        counted, before = max(1, rounds * row.turns), row.turns if row.warm_up else 0
        for number in range(before + counted):
            # The other way round each time: whoever comes after a heavy one must not always be the same.
            for entrant in taking if number % 2 else taking[::-1]:
                name = entrant.profile.name
                enough = entrant.profile.environment and spent.get(name, 0.0) > ENOUGH
                if enough or (row.name, name) in figures.left_out:
                    continue
                start = time.monotonic()
                try:
                    measured = row.measure(entrant, sizes)
                except LeftOut as why:
                    figures.left_out[row.name, name] = str(why)
                    continue
                if number >= before:
                    spent[name] = spent.get(name, 0.0) + time.monotonic() - start
                    figures.add(row.name, name, measured)
        say(f"{row.name}: {counted} turns, {time.monotonic() - began:.0f} s")
    return figures


def _takes(entrant: Entrant, row: Row) -> bool:
    profile = entrant.profile
    ours = profile.environment == ""
    return (ours or row.peers) and (not profile.rows or row.name in profile.rows)
