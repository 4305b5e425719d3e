"""The steps of a plan as rows, with the lines of their graph, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.present.status import Badge
from app.tui.plan_tree import GraphRow, graph_rows
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rows import Row, Rows
from workflows.planning.plan import Plan

WIDEST = 34
"""Columns of the widest name with the lines before it."""

LEAST = 24
"""Columns that what a step does has at least, where its marks have their words."""


def plan_rows(plan: Plan) -> list[Row]:
    """A row a step. The key is the way to it."""
    found = graph_rows(plan)
    widest = min(WIDEST, max((cell_len(row.lines + row.name) for row in found if row.is_step), default=8))
    return [Row(partial(_drawn, row, widest), row.path) for row in found]


def _drawn(row: GraphRow, widest: int, width: int) -> Content:
    lines = Content.styled(f" {row.lines}", STYLES["active"] if not row.is_step else QUIET).stylize(QUIET)
    left = width - cell_len(row.lines) - 1
    if not row.is_step:
        return Content.assemble(lines, cell(row.name, left, f"bold {QUIET}"))
    name = max(4, min(widest, width // 2) - cell_len(row.lines))
    left -= name + 2
    marks = _marks(row.marks, left - min(LEAST, cell_len(row.about)))
    room = max(0, left - cell_len(marks.plain) - 1)
    return Content.assemble(lines, cell(row.name, name, "bold"), "  ", cell(row.about, room, QUIET), " ", marks)


def _marks(marks: Sequence[Badge], room: int) -> Content:
    """With their words where these leave room for what the step does; else as glyphs."""
    worded = Content("  ").join(Content.styled(str(mark), STYLES[mark.role]) for mark in marks)
    if cell_len(worded.plain) < room:
        return worded
    return Content(" ").join(Content.styled(mark.glyph, STYLES[mark.role]) for mark in marks)


class GraphPane(Vertical):
    """What a workflow is for, its steps, and what they come to: told one after the other, as it becomes known."""

    DEFAULT_CSS = """
    GraphPane {
        #about { height: auto; max-height: 5; padding: 0 1 1 1; }
        #sums { height: auto; max-height: 6; padding: 1 1 0 1; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="about", markup=False)
        yield Rows("graph-rows")
        yield Static(id="sums", markup=False)

    def begin(self, about: Content) -> None:
        """Another workflow: what it is for, and no steps yet."""
        self.query_one("#about", Static).update(about)
        self.query_one("#about").display = bool(about.plain)
        self.query_one("#graph-rows", Rows).show(())
        self.sum_up(Content(""))

    def draw(self, rows: list[Row]) -> None:
        self.query_one("#graph-rows", Rows).show(rows)

    def sum_up(self, sums: Content) -> None:
        self.query_one("#sums", Static).update(sums)
        self.query_one("#sums").display = bool(sums.plain)
