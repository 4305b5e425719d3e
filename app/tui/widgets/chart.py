"""Statistics drawn in text: runs as columns of what became of them, and a row for each figure with its course."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from app.present.breakdown import ordered
from app.present.figures import cost, duration
from app.present.plots import heaped, sparkline, stacks
from app.present.statistics import Statistics
from app.present.tallies import measures, rate
from app.tui.text import QUIET, STYLES, cell
from workflows.journal.breakdown import Group

KINDS = (("█", STYLES["good"], "succeeded"), ("▒", STYLES["bad"], "failed"), ("░", QUIET, "other"))
"""What each kind of run is drawn with, from the bottom: never by colour alone."""

WIDEST = 6
"""Columns that one bar takes at most."""


class Figure(Widget):
    """Statistics, drawn anew at every size; empty until there are any."""

    DEFAULT_CSS = "Figure { height: 1fr; }"

    def __init__(self, ident: str | None = None) -> None:
        super().__init__(id=ident)
        self._found: Statistics | None = None

    def show(self, found: Statistics | None) -> None:
        self._found = found
        self.refresh()

    def render(self) -> Content:
        return Content("") if self._found is None else self.drawn(self._found, *self.content_size)

    def drawn(self, found: Statistics, width: int, height: int) -> Content:
        """The statistics in so many columns and rows."""
        raise NotImplementedError


class Chart(Figure):
    """Runs by the hour, day, week or month: a column each, of those that succeeded, failed, and all others."""

    def drawn(self, found: Statistics, width: int, height: int) -> Content:
        return columns_of(found, width, height)


def columns_of(found: Statistics, width: int, height: int) -> Content:
    """The chart in so many columns and rows: the scale on the left, below it when it begins and ends, and what is what.

    With too little room it is empty.
    """
    columns = [(tally.succeeded, tally.failed, tally.runs - tally.succeeded - tally.failed) for _, tally in found.parts]
    scale = max(len(str(found.whole.runs)), 1) + 2
    room, tall = width - scale, height - 2
    if room < len(KINDS) or tall < 1 or not columns:
        return Content("")
    heaps = heaped(columns, room)
    wide = min(WIDEST, room // len(heaps))
    bar = max(wide - 1, 1)
    top = str(max(map(sum, heaps)))
    lines = []
    for number, row in enumerate(stacks(heaps, tall)):
        label = top if number == 0 else "0" if number == tall - 1 else ""
        parts = [Content.styled(f"{label:>{scale - 2}} │", QUIET)]
        for kind in row:
            glyph, style, _ = KINDS[kind] if kind >= 0 else (" ", "", "")
            parts.append(Content.styled(glyph * bar + " " * (wide - bar), style))
        lines.append(Content("").join(parts))
    first, last = found.parts[0][0].label, found.parts[-1][0].label
    span = wide * len(heaps)
    under = first if len(heaps) == 1 else f"{first}{last:>{max(span - (wide - bar) - len(first), len(last) + 1)}}"
    lines.append(Content.styled(" " * scale + under, QUIET))
    legend = [Content(" " * scale)]
    for kind, (glyph, style, name) in enumerate(KINDS):
        if count := sum(column[kind] for column in columns):
            legend += [Content.styled(glyph, style), Content.styled(f" {count} {name}  ", QUIET)]
    lines.append(Content("").join(legend))
    return Content("\n").join(lines)


class Measures(Figure):
    """A row a figure: its name, its value for the whole period, its course as small bars."""

    def drawn(self, found: Statistics, width: int, height: int) -> Content:
        rows = measures(found)
        wide = max(len(row.value) for row in rows) + 2
        return Content("\n").join(
            Content.assemble(
                cell(row.name, 9, QUIET),
                cell(row.value, wide, "bold"),
                Content.styled(sparkline(row.course, width - wide - 9), STYLES["active"]),
            )
            for row in rows
        )


class Kinds(Figure):
    """Models and published versions: of each how many runs, how many of them succeeded, how long they took, the cost.

    A bar shows how many runs there were beside the others of its kind. Runs of no published version are not told.
    """

    def drawn(self, found: Statistics, width: int, height: int) -> Content:
        models = ordered("model", found.breakdowns.get("model", ()))
        versions = ordered("version", [each for each in found.breakdowns.get("version", ()) if each.key[1]])
        if not models and not versions:
            return Content.styled("No model was asked, and no published version was run.", QUIET)
        lines = [_kind(group, group.key[-1], models, width) for group in models]
        lines += [_kind(group, group.key[-1], versions, width) for group in versions]
        return Content("\n").join(lines[: max(height, 0)])


def _kind(group: Group, name: str, beside: Sequence[Group], width: int) -> Content:
    most = max(each.count for each in beside)
    bar = "█" * max(round(8 * group.count / most), 1)
    return Content.assemble(
        cell(name, max(width - 47, 8)),
        " ",
        cell(bar, 9, STYLES["active"]),
        cell(str(group.count), 6, "bold", right=True),
        cell(rate(group.rate), 9, QUIET if not group.failed else "", right=True),
        cell(duration(group.p50), 11, QUIET, right=True),
        cell(cost(group.cost_usd, known=not group.unpriced), 11, "bold", right=True),
    )
