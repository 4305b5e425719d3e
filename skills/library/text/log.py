"""`log.summary`: what a log says, by kinds of lines."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from skills import Context, SkillError, skill
from skills.paths import open_beneath, shown
from workflows.text import safe_text
from workflows.values import Json

_MOST_BYTES = 200 * 1024 * 1024
_LONGEST = 2000
_MOST_KINDS = 50_000
_MOST_TEXT = 20_000_000
"""Characters of all their examples."""
_SECONDS = 60.0
_LEVELS = {
    "fatal": ("FATAL", "CRITICAL", "EMERG", "ALERT", "PANIC"),
    "error": ("ERROR", "ERR", "SEVERE"),
    "warning": ("WARNING", "WARN"),
    "info": ("INFO", "NOTICE"),
    "debug": ("DEBUG", "TRACE", "VERBOSE"),
}
_LEVEL_OF = {word: level for level, words in _LEVELS.items() for word in words}
_LEVEL = re.compile(rf"(?<![\w.])(?:{'|'.join(_LEVEL_OF)})(?!\w)", re.IGNORECASE)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
)
_VARIABLE = (
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"\b(?:0x)?(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"\"[^\"]*\"|'[^']*'"), "<text>"),
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s|us|kb|mb|gb|b|%)?(?!\w)", re.IGNORECASE), "<number>"),
)


@dataclass
class _Kind:
    """Lines that differ in what varies only."""

    level: str
    example: str
    line: int
    count: int = 0
    first: str | None = None
    last: str | None = None


@dataclass
class _Seen:
    kinds: dict[str, _Kind] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    first: str | None = None
    last: str | None = None
    more: bool = False


@skill(name="log.summary", effect="pure", touches=["reads"])
def summary(
    context: Context,
    path: Path | None = None,
    contains: str = "",
    level: str = "",
    top: int = 20,
    order: Literal["frequent", "rare"] = "frequent",
    text: str = "",
) -> dict[str, Json]:
    """Sum up a log file of the workspace: how many lines of each level, and the kinds of lines by how often they come.

    Lines that differ only in numbers, addresses, quoted text and identifiers are of one kind.

    Args:
        path: The file, as text; up to 200 MB.
        contains: Only lines that contain this text.
        level: Only kinds of this level and above: debug, info, warning, error or fatal.
        top: How many kinds at most.
        order: Whether the most frequent kinds come first, or those that hardly ever come.
        text: A log as text, in the place of a file.

    Returns: {path, lines, levels: {level: count}, first, last, kinds: [{level, pattern, count, example, line, first,
        last}], others, truncated}. `first` and `last` are the times as they stand in the lines. `others` counts the
        kinds that are not listed. Lines without a level have the level "".
    """
    ranks = {name: rank for rank, name in enumerate(("fatal", "error", "warning", "info", "debug"))}
    if level and level not in ranks:
        raise SkillError(f"there is no level '{level}'", ", ".join(ranks), "validation")
    if path is None and not text:
        raise SkillError("there is nothing to sum up", "give a file, or a text", "validation")
    name = shown(context.root, path) if path else ""
    lines = log_lines(context, path, name) if path else enumerate(text.split("\n"), 1)
    seen = _read(lines, contains)
    kinds = [
        (pattern, kind)
        for pattern, kind in seen.kinds.items()
        if not level or ranks.get(kind.level, len(ranks)) <= ranks[level]
    ]
    sign = 1 if order == "rare" else -1
    kinds.sort(key=lambda each: (sign * each[1].count, each[1].line))
    listed: list[Json] = [
        {
            "level": kind.level,
            "pattern": safe_text(pattern, limit=_LONGEST),
            "count": kind.count,
            "example": safe_text(kind.example, limit=_LONGEST),
            "line": kind.line,
            "first": kind.first,
            "last": kind.last,
        }
        for pattern, kind in kinds[: max(top, 0)]
    ]
    return {
        "path": name,
        "lines": seen.lines,
        "levels": dict(seen.levels.most_common()),
        "first": seen.first,
        "last": seen.last,
        "kinds": listed,
        "others": len(kinds) - len(listed),
        "truncated": seen.more,
    }


def _read(lines: Iterable[tuple[int, str]], contains: str) -> _Seen:
    seen, room = _Seen(), _MOST_TEXT
    for number, line in lines:
        if not line.strip() or (contains and contains not in line):
            continue
        said = _TIME.search(line)
        rest = line[: said.start()] + line[said.end() :] if said else line
        level = level_of(rest)
        stamp = said[0] if said else None
        seen.lines += 1
        seen.levels[level] += 1
        seen.first, seen.last = seen.first or stamp, stamp or seen.last
        pattern = kind_of_line(rest)
        kind = seen.kinds.get(pattern)
        if kind is None:
            room -= len(pattern) + len(line)
            if len(seen.kinds) >= _MOST_KINDS or room < 0:
                seen.more = True
                continue
            kind = seen.kinds[pattern] = _Kind(level, line, number)
        kind.count += 1
        kind.first, kind.last = kind.first or stamp, stamp or kind.last
    return seen


def level_of(text: str) -> str:
    """The level that a line says it has; empty where it says none."""
    word = _LEVEL.search(text)
    return _LEVEL_OF[word[0].upper()] if word else ""


def log_lines(context: Context, path: Path, name: str) -> Iterator[tuple[int, str]]:
    """Numbered lines of a log file, without empty ones. Raises SkillError where it is too long, or not there."""
    try:
        with open(open_beneath(context.root, path), "rb") as file:
            read, until = 0, time.monotonic() + _SECONDS
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST * 4), b""), 1):
                read += len(line)
                if read > _MOST_BYTES:
                    raise SkillError(f"{name} is longer than 200 MB", "narrow it first", "resource")
                if not number % 1024 and time.monotonic() > until:
                    message = f"{name} was left: summing it up took longer than {_SECONDS:g} s"
                    raise SkillError(message, "narrow it first", "timeout")
                if text := line.decode("utf-8", "replace").strip():
                    yield number, text[:_LONGEST]
    except FileNotFoundError:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency") from None
    except OSError as error:
        raise SkillError(f"{name} cannot be read: {error.strerror}", "", "dependency") from None


def kind_of_line(text: str) -> str:
    """The line without what varies: numbers, addresses, quoted texts and identifiers."""
    for variable, word in _VARIABLE:
        text = variable.sub(word, text)
    return " ".join(text.split()).lstrip("[](){}:,- ")
