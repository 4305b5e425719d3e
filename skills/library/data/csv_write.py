"""`csv.write`: rows as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skills import Context, Preview, SkillError, skill
from skills.library.data._table import write as written
from skills.library.file._put import put
from skills.library.file.write import preview as file_preview
from workflows.values import Json


@skill(
    name="csv.write",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def write(
    context: Context, path: Path, rows: list[dict[str, Any]], columns: list[str] | None = None, delimiter: str = ","
) -> dict[str, Json]:
    """Write rows to a CSV file of the workspace. What was there before is kept for file.restore.

    Args:
        path: The file.
        rows: Objects, one a row.
        columns: Which of their keys, in this order; all keys in the order in which they first come, if not given.
        delimiter: What stands between fields.

    Returns: {path, bytes, sha256, backup, created, columns, count}.
    """
    names = _columns(rows, columns)
    done = put(context, path, _text(rows, names, delimiter).encode("utf-8"))
    return {**done, "columns": list(names), "count": len(rows)}


@write.preview
def preview(
    context: Context, path: Path, rows: list[dict[str, Any]], columns: list[str] | None = None, delimiter: str = ","
) -> Preview:
    """The change as a unified diff."""
    shown: Preview = file_preview(context, path, _text(rows, _columns(rows, columns), delimiter))
    return shown


def _columns(rows: list[dict[str, Any]], columns: list[str] | None) -> list[str]:
    return columns or list(dict.fromkeys(key for row in rows for key in row))


def _text(rows: list[dict[str, Any]], columns: list[str], delimiter: str) -> str:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SkillError(f"{delimiter!r} is no delimiter", "one character, such as ',' or ';'", "validation")
    if not columns:
        raise SkillError("there are no columns to write", "give rows, or `columns`", "validation")
    return written(columns, rows, delimiter)
