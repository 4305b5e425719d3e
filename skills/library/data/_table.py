"""Tables as text: comma-separated values (RFC 4180) and their many dialects. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skills import SkillError
from workflows.values import Json

_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024
_LONGEST_FIELD = 1024 * 1024
_MOST_COLUMNS = 20_000
_MOST_FIELDS = 5_000_000
"""Of a table with all its rows as long as the first: a megabyte of commas and one of lines would be billions."""


@dataclass(frozen=True)
class Table:
    """Columns and rows of text. `ragged` counts the rows that have more or fewer fields than there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str
    ragged: int


def parse(text: str, name: str, delimiter: str = "", header: bool = True) -> Table:
    """The table of a text. An empty `delimiter` is found out. Raises SkillError (`validation`) where it is none."""
    found = delimiter or _delimiter(text)
    if len(found) != 1:
        raise SkillError(f"{found!r} is no delimiter", "one character, such as ',' or ';'", "validation")
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        rows = list(_rows(csv.reader(io.StringIO(text, newline=""), delimiter=found, strict=True), name))
    except csv.Error as error:
        raise SkillError(f"{name} is no table: {error}", "is the delimiter right?", "validation") from None
    if not rows:
        return Table((), (), found, 0)
    columns = _unique(rows[0]) if header else tuple(f"column{n}" for n in range(1, len(rows[0]) + 1))
    body = rows[1:] if header else rows
    ragged = sum(len(row) != len(columns) for row in body)
    return Table(columns, tuple(tuple(_fitted(row, len(columns))) for row in body), found, ragged)


def _rows(read: Iterable[list[str]], name: str) -> Iterator[tuple[str, ...]]:
    """The rows that are not empty. Raises SkillError (`resource`) for more than can be kept."""
    width = fields = 0
    for row in read:
        if not row:
            continue
        width = width or len(row)
        fields += max(len(row), width)
        if width > _MOST_COLUMNS or fields > _MOST_FIELDS:
            most = f"{_MOST_COLUMNS:,} columns and {_MOST_FIELDS:,} fields"
            hint = "is the delimiter right? part the file, or ask a database with sqlite.query"
            raise SkillError(f"{name} is too large a table: at most {most} are read", hint, "resource")
        yield tuple(row)


def write(columns: Sequence[str], rows: Sequence[dict[str, Json]], delimiter: str) -> str:
    """The text of a table, with `\\n` after each line; fields are quoted where they need it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [_text(row.get(column), number, column) for column in columns] for number, row in enumerate(rows, start=1)
    )
    return out.getvalue()


def typed(text: str) -> Json:
    """A field as a number, true or false, or null where it is empty; else the text. `007` and `1e5` stay text."""
    if text == "":
        return None
    if text in ("true", "false"):
        return text == "true"
    digits = text.removeprefix("-")
    whole, _, rest = digits.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (len(whole) > 1 and whole[0] == "0") or len(digits) > 18:
        return text
    if "." not in digits:
        return int(text)
    return float(text) if rest.isascii() and rest.isdigit() else text


def _delimiter(text: str) -> str:
    """The one that cuts most of the first lines into as many fields as the first; a comma where none cuts it."""
    sample = text[:_SAMPLE]
    sample = sample if len(text) <= _SAMPLE else sample.rpartition("\n")[0]
    best, chosen = (0.0, 1), ","
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row][:50]
        except csv.Error:
            continue
        if widths and widths[0] > 1 and (score := (widths.count(widths[0]) / len(widths), widths[0])) > best:
            best, chosen = score, delimiter
    return chosen


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Columns by name: an empty one is numbered, one that comes again too."""
    seen: dict[str, int] = {}
    unique: list[str] = []
    for place, given in enumerate(names, 1):
        name = given.strip().removeprefix("\ufeff") or f"column{place}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(unique)


def _fitted(row: Sequence[str], width: int) -> Iterator[str]:
    yield from row[:width]
    yield from ("" for _ in range(width - len(row)))


def _text(value: Json, row: int, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        what = "a list" if isinstance(value, list) else "an object"
        message = f"row {row} has {what} in '{column}': a field of a table is text, a number, true, false or null"
        raise SkillError(message, "name the columns to write with `columns`, or make a text of it", "validation")
    return str(value)
