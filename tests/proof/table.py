"""What a proof prints: how far it is, what it found, and its figures as a table that is also Markdown."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

EVERY = 15.0
"""Seconds between two lines that say how far it is."""


class Progress:
    """Says how far a proof is, and what it finds, at once."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._said = time.monotonic()

    def add(self, result: T, place: str, violations: Sequence[str]) -> T:
        """One more result, which is given back."""
        self._done += 1
        for each in violations:
            print(f"VIOLATED at {place}: {each}", file=sys.stderr, flush=True)
        if time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            print(f"{self._done} of {self._total}", file=sys.stderr, flush=True)
        return result


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print it, the first column to the left and the others to the right."""
    lines = [tuple(map(str, row)) for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def line_of(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join((first, *others))} |"

    print(line_of(lines[0]))
    print("|" + "|".join("-" * (w + 1) + (":" if n else "-") for n, w in enumerate(widths)) + "|")
    for cells in lines[1:]:
        print(line_of(cells))
