"""Workflows as rows, by where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from textual.content import Content

from app.named_workflows import WorkflowFile
from app.present.workflow_page import SOURCES, short_path, state_line
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rows import Row

NONE_HERE = "No workflows in ./.understudy/workflows. Built-ins below."


def workflow_rows(
    files: Sequence[WorkflowFile], folders: Mapping[str, Path], *, trusted: bool, filtered: bool
) -> list[Row]:
    """A section for each place. Keys are paths. While it is filtered, a place without any is left out."""
    rows: list[Row] = []
    for scope, folder in folders.items():
        here = [file for file in files if file.scope == scope]
        if filtered and not here:
            continue
        if scope == "user" and not here:
            continue
        rows += [Row(lambda width: Content(""))] if rows else []
        where = short_path(folder) if scope != "built-in" else ""
        untrusted = scope == "workspace" and bool(here) and not trusted
        rows.append(Row(partial(_heading, SOURCES.get(scope, scope), where, untrusted)))
        if not here:
            rows.append(Row(_nothing))
        rows += [Row(partial(_file, file), str(file.path)) for file in here]
    return rows


def _heading(name: str, where: str, untrusted: bool, width: int) -> Content:
    note = "! not trusted (t)  " if untrusted else ""
    left = width - len(name) - len(note) - 4
    return Content.assemble(" ", (name, "bold"), "  ", (note, STYLES["warning"]), cell(where, max(0, left), QUIET))


def _nothing(width: int) -> Content:
    return Content.assemble("   ", cell(NONE_HERE, max(0, width - 3), QUIET))


def _file(file: WorkflowFile, width: int) -> Content:
    name = min(26, max(12, width // 3))
    words, role = state_line(file)
    glyph, _, rest = words.partition(" ")
    style = STYLES[role]
    if role == "good":
        workflow = file.workflow
        template = workflow.template.for_ if workflow and workflow.template else ""
        rest = "" if workflow is None else workflow.description or template or workflow.name
    elif file.newer:
        rest = f"last good runs · {rest}"
    if file.shadowed:
        glyph, rest, style = "·", "another of this name comes before it", QUIET
    return Content.assemble(
        "   ",
        (glyph, style),
        " ",
        cell(file.stem, name, QUIET if file.shadowed else "bold"),
        " ",
        cell(rest, max(0, width - name - 6), style if role == "bad" and not file.shadowed else QUIET),
    )
