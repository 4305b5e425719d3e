"""`table.transform`: a table from files, taken through steps, and written to a file."""

from __future__ import annotations

from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.data._files import packed, read_rows
from skills.library.data._steps import Stage, apply_step
from skills.library.file._content import sha256
from skills.library.file._put import current_content, put, writable_name
from workflows.values import Json

_SHOWN = 10


@skill(
    name="table.transform",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def transform(
    context: Context,
    input: Path,  # noqa: A002  # what workflows call it
    steps: list[str] | None = None,
    output: Path | None = None,
    format: str = "",  # noqa: A002  # the same
    encoding: str = "utf-8",
) -> dict[str, Json]:
    """Take a table through steps, and write what comes out. Without an output it only says what would.

    A step is a text: `trim`, `drop empty rows`, `drop duplicates by id`, `keep id, date`, `drop notes`, `rename old to
    new`, `where date >= 2024-01-01 and country = DE`, `fill country with DE`, `dates` (to ISO 8601), `numbers`
    (`1.234,5` to 1234.5), `phones +49`, `lower email`, `set total = price * amount`, `sum amount by customer`, `count
    by country`, `sort by date desc`, `first 100`. Dates that can be read in two ways are left, unless `dates day
    first` says how.

    Args:
        input: A CSV, TSV, JSON or JSON Lines file; a folder of them; or a pattern such as `in/*.json`.
        steps: The steps, in their order.
        output: The file to write; what was there before is kept for file.restore.
        format: csv, tsv, json, jsonl or parquet; what the output's name says if not given.
        encoding: How the input's bytes are text.

    Returns: {files, rows_in, rows, columns, ragged, steps: [{step, rows, note}], sample, path, bytes, sha256, backup}.
        `sample` are the first rows; the last four are null where nothing was written.
    """
    told, table, as_text = _worked(context, input, steps or [], encoding)
    written: dict[str, Json] = {"path": None, "bytes": None, "sha256": None, "backup": None}
    if output is not None:
        content = packed(output, format, table.columns, table.rows, as_text)
        done = put(context, output, content)
        written = {name: done[name] for name in written}
    return {**told, **written}


@transform.preview
def preview(
    context: Context,
    input: Path,  # noqa: A002  # what workflows call it
    steps: list[str] | None = None,
    output: Path | None = None,
    format: str = "",  # noqa: A002  # the same
    encoding: str = "utf-8",
) -> Preview:
    """What each step comes to, and the first rows."""
    told, table, as_text = _worked(context, input, steps or [], encoding)
    lines = [f"{told['rows_in']} rows in"]
    lines += [
        f"{each['step']}: {each['rows']} rows{'; ' + each['note'] if each['note'] else ''}" for each in told["steps"]
    ]
    lines += ["", " | ".join(table.columns)]
    lines += [" | ".join(str(row.get(name, "")) for name in table.columns) for row in table.rows[:_SHOWN]]
    lines += [f"… {len(table.rows) - _SHOWN} more"] if len(table.rows) > _SHOWN else []
    if output is None:
        return Preview("Look at what the steps come to", "\n".join(lines))
    name, current = writable_name(context, output), current_content(context, output)
    content = packed(output, format, table.columns, table.rows, as_text)
    facts = {"file": name, "rows": str(len(table.rows)), "bytes": str(len(content))}
    facts |= {"replaces": f"{len(current[0])} bytes"} if current else {}
    binds: Json = {"before": sha256(current[0]) if current else None, "after": sha256(content)}
    return Preview(f"{'Replace' if current else 'Write'} {name}", "\n".join(lines), facts, binds)


def _worked(context: Context, source: Path, steps: list[str], encoding: str) -> tuple[dict[str, Json], Stage, bool]:
    read = read_rows(context, source, encoding)
    table, told = Stage(read.columns, read.rows), list[Json]()
    for number, step in enumerate(steps, 1):
        try:
            table = apply_step(step, table)
        except SkillError as error:
            raise SkillError(f"step {number} ({step[:60]}): {error.message}", error.hint, "validation") from None
        told.append({"step": step, "rows": len(table.rows), "note": table.note})
    result: dict[str, Json] = {
        "files": list(read.files),
        "rows_in": len(read.rows),
        "rows": len(table.rows),
        "columns": list(table.columns),
        "ragged": read.ragged,
        "steps": told,
        "sample": [{name: row.get(name) for name in table.columns} for row in table.rows[:_SHOWN]],
    }
    return result, table, read.as_text
