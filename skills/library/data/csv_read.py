"""`csv.read`: the rows of a table."""

from __future__ import annotations

from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.data._table import parse, typed
from skills.library.file._content import decode, read_bytes
from skills.paths import shown
from workflows.values import Json


@skill(name="csv.read", effect="pure", touches=["reads"])
def read(
    context: Context,
    path: Path,
    columns: list[str] | None = None,
    delimiter: str = "",
    header: bool = True,
    types: bool = True,
    start: int = 1,
    limit: int = 1000,
    encoding: str = "utf-8",
) -> dict[str, Json]:
    """Read a table from a CSV or TSV file of the workspace.

    Args:
        path: The file.
        columns: Which columns, in this order; all of them if not given.
        delimiter: What stands between fields; found out if not given.
        header: The first line names the columns; else they are column1, column2, …
        types: Make numbers, true, false and null (empty) of what looks like it; else every field is text.
        start: The first row to give, counted from 1.
        limit: How many rows at most.
        encoding: How the file's bytes are text.

    Returns: {path, columns, rows: [{column: value}], count, ragged, delimiter, truncated}. `count` is how many rows the
        file has, `ragged` how many of them have too many fields (cut off) or too few (empty).
    """
    name = shown(context.root, path)
    if start < 1 or limit < 0:
        raise SkillError("rows are counted from 1", "start is at least 1, limit at least 0", "validation")
    table = parse(decode(name, read_bytes(context.root, path), encoding), name, delimiter, header)
    wanted = columns or list(table.columns)
    unknown = [column for column in wanted if column not in table.columns]
    if unknown:
        there = ", ".join(table.columns[:20]) or "none"
        raise SkillError(f"{name} has no column '{unknown[0]}'", f"it has {there}", "validation")
    places = [(column, table.columns.index(column)) for column in wanted]
    given = table.rows[start - 1 : start - 1 + limit]
    rows: list[Json] = [
        {column: typed(row[place]) if types else row[place] for column, place in places} for row in given
    ]
    return {
        "path": name,
        "columns": list(wanted),
        "rows": rows,
        "count": len(table.rows),
        "ragged": table.ragged,
        "delimiter": table.delimiter,
        "truncated": start - 1 + len(rows) < len(table.rows),
    }
