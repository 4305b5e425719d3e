"""The figures as tables of Markdown, which read well in a terminal too."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.entrant import Profile
from benchmarks.field import FLOOR, OURS
from benchmarks.figures import Figures, spread
from benchmarks.rows import Row


def number(value: float | None) -> str:
    """Three figures that count."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def medians(rows: Sequence[Row], profiles: Sequence[Profile], figures: Figures) -> str:
    """The median of every entrant in every row, with what half of its rounds lie within."""
    heads = ["", *(f"{row.name}, {row.unit}" for row in rows)]
    lines = [[profile.title, *(_cell(row, profile.name, figures) for row in rows)] for profile in profiles]
    return table(heads, [line for line in lines if set(line[1:]) != {""}])


def _cell(row: Row, entrant: str, figures: Figures) -> str:
    found = figures.of(row.name).get(entrant)
    if not found:
        return "–" if (row.name, entrant) in figures.left_out else ""
    again = f", {repeated} repeated" if (repeated := figures.repeated(row.name, entrant)) else ""
    return f"{number(figures.median(row.name, entrant))} ±{100 * spread(found):.0f} %{again}"


def ratios(rows: Sequence[Row], peers: Sequence[Profile], figures: Figures) -> str:
    """How we stand to the floor and to the best durable peer, row by row."""
    durable = [peer.name for peer in peers if peer.durable]
    titles = {peer.name: peer.title for peer in peers}
    lines = []
    for row in rows:
        if figures.median(row.name, OURS.name) is None:
            continue
        best = figures.best(row, durable)
        to_best = figures.ratio(row, best, OURS.name) if best else None
        lines.append(
            [
                row.title,
                f"{number(figures.median(row.name, OURS.name))} {row.unit}",
                _times(figures.ratio(row, OURS.name, FLOOR.name)) if row.peers else "",
                f"{titles[best]}: {_times(to_best)} ours" if best and to_best is not None else "",
            ]
        )
    return table(["", "ours", "of the floor", "best durable peer"], lines)


def _times(value: float | None) -> str:
    return "–" if value is None else f"{number(value)} ×"


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of Markdown with its columns aligned."""
    widths = [max(len(line[place]) for line in [heads, *lines]) for place in range(len(heads))]
    rule = ["-" * max(3, width) for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(max(3, width)) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in [heads, rule, *lines]
    )
