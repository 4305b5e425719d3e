"""The steps of a plan as rows, with the lines of their graph."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from textual.content import Content

from app.present.plan_graph import GraphRow, graph_rows
from app.present.status import Badge
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rows import Row
from workflows.planning.plan import Plan

WIDEST = 34
"""Columns of the widest name with the lines before it."""

ROOMY = 64
"""Columns from which on marks have their words."""


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
    marks = _marks(row.marks, width, left)
    room = max(0, left - cell_len(marks.plain) - 1)
    return Content.assemble(lines, cell(row.name, name, "bold"), "  ", cell(row.about, room, QUIET), " ", marks)


def _marks(marks: Sequence[Badge], width: int, room: int) -> Content:
    """With their words where these leave the half of the room to what the step does; else as glyphs."""
    worded = Content("  ").join(Content.styled(str(mark), STYLES[mark.role]) for mark in marks)
    if width >= ROOMY and cell_len(worded.plain) <= room // 2:
        return worded
    return Content(" ").join(Content.styled(mark.glyph, STYLES[mark.role]) for mark in marks)
