"""The figures as tables of Markdown, which read well in a terminal too."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.entrant import Profile
from benchmarks.field import COMMAND, FLOOR, OURS
from benchmarks.figures import Figures, spread
from benchmarks.rows import Row


def medians(rows: Sequence[Row], profiles: Sequence[Profile], figures: Figures) -> str:
    """The median of every entrant in every row, and what half of its rounds lie within."""
    heads = ["", *(f"{row.name}, {row.unit}" for row in rows)]
    return table(heads, [[profile.title, *(_cell(row, profile, figures) for row in rows)] for profile in profiles])


def _cell(row: Row, profile: Profile, figures: Figures) -> str:
    found = figures.of(row.name).get(profile.name)
    if not found:
        return "left out" if (row.name, profile.name) in figures.left_out else "–"
    again = f", {repeated} repeated" if (repeated := figures.repeated(row.name, profile.name)) else ""
    within = f" ±{100 * spread(found):.0f} %" if len(found) > 1 else ""
    return f"{number(figures.median(row.name, profile.name))}{within}{again}"


def wanted(rows: Sequence[Row], peers: Sequence[Profile], figures: Figures) -> str:
    """What is required and aimed at, row by row, what was measured, and whether that is met."""
    lines = []
    for row in rows:
        ours = figures.median(row.name, OURS.name)
        if ours is None:
            continue
        if row.peers:
            lines += _ahead(row, [peer for peer in peers if peer.durable], figures)
        if row.aim and (ratio := figures.ratio(row, OURS.name, FLOOR.name)) is not None:
            aim = f"at most {row.aim:g} times the floor"
            lines.append([row.title, aim, f"{number(ratio)} times", _met(ratio <= row.aim)])
        if row.at_most:
            typed = figures.median(row.name, COMMAND.name)  # an aim of the product's, where its command does the row
            found = ours if typed is None else typed
            aim = f"at most {row.at_most:g} {row.unit}"
            lines.append([row.title, aim, f"{number(found)} {row.unit}", _met(found <= row.at_most)])
    return table(["", "wanted", "measured", ""], lines)


def _ahead(row: Row, durable: Sequence[Profile], figures: Figures) -> list[list[str]]:
    """The line about the durable peers: where all are behind, the best of them; else all that are ahead of us."""
    ratios = {peer.title: ratio for peer in durable if (ratio := figures.ratio(row, peer.name, OURS.name)) is not None}
    if not ratios:
        return []
    ahead = {title: ratio for title, ratio in ratios.items() if ratio < 1}
    nearest = min(ratios, key=lambda title: ratios[title])
    named = ahead or {nearest: ratios[nearest]}
    said = "; ".join(
        f"{title} takes {number(ratio)} times ours" for title, ratio in sorted(named.items(), key=lambda each: each[1])
    )
    return [[row.title, "ahead of every durable peer", said, _met(not ahead)]]


def _met(met: bool) -> str:
    return "met" if met else "**not met**"


def number(value: float | None) -> str:
    """Three figures that count."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of Markdown with its columns aligned."""
    widths = [max(3, *(len(line[place]) for line in [heads, *lines])) for place in range(len(heads))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in [heads, rule, *lines]
    )
