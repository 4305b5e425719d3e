"""What was measured, and what it comes to: medians, spreads, ratios."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.rows import Measured, Row


@dataclass
class Figures:
    """Figures by row and entrant, one a round, in the order of the rounds; and why entrants were left out of rows."""

    taken: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    left_out: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: str, entrant: str, measured: Measured) -> None:
        self.taken.setdefault(row, {}).setdefault(entrant, []).append(measured)

    def of(self, row: str) -> Mapping[str, Sequence[float]]:
        """The figures of a row by entrant."""
        return {name: [each.figure for each in found] for name, found in self.taken.get(row, {}).items()}

    def median(self, row: str, entrant: str) -> float | None:
        found = self.of(row).get(entrant)
        return statistics.median(found) if found else None

    def repeated(self, row: str, entrant: str) -> int:
        """Finished steps that were done again, in the worst round."""
        return max((each.repeated for each in self.taken.get(row, {}).get(entrant, [])), default=0)

    def ratio(self, row: Row, entrant: str, other: str) -> float | None:
        """How many times worse the entrant did than the other: the median over the rounds that both took part in.

        Within a round both ran one right after the other, so that a slow minute of the machine is slow for both.
        """
        mine, theirs = self.of(row.name).get(entrant, ()), self.of(row.name).get(other, ())
        ratios = [(a / b if row.better == "less" else b / a) for a, b in zip(mine, theirs, strict=False) if a and b]
        return statistics.median(ratios) if ratios else None

    def best(self, row: Row, entrants: Sequence[str]) -> str:
        """Who did best of these; empty where none took part."""
        found = {name: median for name in entrants if (median := self.median(row.name, name)) is not None}
        if not found:
            return ""
        return (min if row.better == "less" else max)(found, key=lambda name: found[name])


def spread(figures: Sequence[float]) -> float:
    """Half of the figures lie within this part of their median: what one and the same work differs by."""
    median = statistics.median(figures)
    return statistics.median(abs(figure - median) for figure in figures) / abs(median) if median else 0.0
