"""Files that hold tables, read and written: CSV, TSV, JSON, JSON Lines, Parquet (written only)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skills import Context, SkillError
from skills.library.data._parquet import parquet
from skills.library.data._table import parse, typed
from skills.library.data._table import write as written
from skills.library.file._content import decode, read_bytes
from skills.library.file._glob import matcher
from skills.paths import is_closed, resolve, shown
from workflows.values import Json, plain

Row = dict[str, Any]

FORMATS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_MOST_FILES = 2000
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Rows:
    """Rows of one or several files, with the columns in the order in which they first come."""

    files: tuple[str, ...]
    columns: tuple[str, ...]
    rows: list[Row]
    ragged: int
    as_text: bool
    """Whether every value is text, because the files say nothing of types."""


def read_rows(context: Context, source: Path, encoding: str = "utf-8") -> Rows:
    """The rows of a file, of all tables in a folder, or of those that a pattern means. Raises SkillError."""
    files = _files(context, source)
    rows: list[Row] = []
    columns: dict[str, None] = {}
    ragged, as_text = 0, True
    for file in files:
        more, lost, text = _read(context, file, encoding)
        rows += more
        ragged += lost
        as_text = as_text and text
        columns.update(dict.fromkeys(key for row in more for key in row))
        if len(rows) > _MOST_ROWS:
            raise SkillError(f"there are more than {_MOST_ROWS:,} rows", "part them into several files", "resource")
    return Rows(tuple(shown(context.root, file) for file in files), tuple(columns), rows, ragged, as_text)


def _files(context: Context, source: Path) -> list[Path]:
    name = shown(context.root, source)
    if source.is_file():
        return [source]
    if source.is_dir():
        found = [each for each in source.iterdir() if each.suffix.lower() in FORMATS and each.is_file()]
    elif any(mark in name for mark in "*?["):
        fixed = next(parent for parent in source.parents if not any(mark in str(parent) for mark in "*?["))
        matches = matcher(source.relative_to(fixed).as_posix())
        found = [each for each in fixed.rglob("*") if each.is_file() and matches(each.relative_to(fixed).as_posix())]
    else:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency")
    found = [each for each in found if not is_closed(each, context.closed)]
    if not found:
        raise SkillError(f"there is no table in {name}", f"files that end with {', '.join(FORMATS)}", "dependency")
    if len(found) > _MOST_FILES:
        raise SkillError(f"{name} means more than {_MOST_FILES:,} files", "name fewer", "resource")
    return [resolve(context.root, each) for each in sorted(found)]


def _read(context: Context, file: Path, encoding: str) -> tuple[list[Row], int, bool]:
    name, kind = shown(context.root, file), FORMATS.get(file.suffix.lower(), "csv")
    if kind == "parquet":
        raise SkillError(f"{name} is Parquet, which is not read here", "make a CSV or JSON file of it", "validation")
    text = decode(name, read_bytes(context.root, file), encoding).removeprefix("\ufeff")
    if kind in ("csv", "tsv"):
        table = parse(text, name, "\t" if kind == "tsv" else "")
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows], table.ragged, True
    try:
        if kind == "jsonl":
            found = [plain(json.loads(line)) for line in text.split("\n") if line.strip()]
        else:
            found = _list_in(plain(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise SkillError(f"{name} is not JSON: {error}", "", "validation") from None
    if not all(isinstance(row, dict) for row in found):
        raise SkillError(
            f"{name} is no list of objects, so it has no rows", "data.read reads it as it is", "validation"
        )
    return found, 0, False


def _list_in(value: Any) -> list[Any]:
    """A list, or the only list that an object holds; else the object as the only row."""
    if isinstance(value, list):
        return value
    lists = [each for each in value.values() if isinstance(each, list)] if isinstance(value, dict) else []
    return lists[0] if len(lists) == 1 and all(isinstance(each, dict) for each in lists[0]) else [value]


def packed(path: Path, kind: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], as_text: bool) -> bytes:
    """Rows as the content of a file of this kind; of an empty one, that of its name. Raises SkillError."""
    found = kind or FORMATS.get(path.suffix.lower(), "")
    if found not in FORMATS.values():
        known = ", ".join(sorted(set(FORMATS.values())))
        raise SkillError(f"{path.name} does not say by its name what it is to be", f"`format`: {known}", "validation")
    if not columns:
        raise SkillError("there are no columns to write", "", "validation")
    if found in ("csv", "tsv"):
        return written(columns, [dict(row) for row in rows], "\t" if found == "tsv" else ",").encode("utf-8")
    meant = [{column: _meant(row.get(column), as_text) for column in columns} for row in rows]
    if found == "parquet":
        return parquet(columns, meant)
    if found == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in meant).encode("utf-8")
    return (json.dumps(meant, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _meant(value: Any, as_text: bool) -> Json:
    return typed(value) if as_text and isinstance(value, str) else value
