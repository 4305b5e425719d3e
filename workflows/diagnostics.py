"""What is wrong in a file, where, and what to do about it: one value, its text for people and its JSON for tools."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from typing import Literal

from workflows.records import dataclass
from workflows.text import safe_text
from workflows.values import Json

Severity = Literal["error", "warning"]

TAB = 4
"""Columns that a tab takes in a shown line."""

WIDEST = 140
"""Columns of a source line that are shown; of a longer line only the part around the caret is."""


@dataclass(frozen=True)
class Diagnostic:
    """One thing to mend or to know. Lines and columns count from 1, in characters; `end_column` is the first after it.

    `code` is stable: tools and tests may rely on it (`docs/language.md` lists them). `source_line` is the line itself,
    without its end.
    """

    severity: Severity
    code: str
    message: str
    hint: str = ""
    file: str = ""
    line: int = 1
    column: int = 1
    end_column: int = 2
    source_line: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    @property
    def place(self) -> tuple[int, int]:
        """The order in which a reader comes to it."""
        return self.line, self.column


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic as text of several lines: place and message, the line with a caret under it, the hint."""
    d = diagnostic
    lines = [f"{_clean(d.file)}:{d.line}:{d.column}: {d.severity}: {_clean(d.message)} [{d.code}]"]
    if d.source_line.strip():
        shown, caret = _excerpt(d)
        number = str(d.line)
        lines += [f"  {number} | {shown}", f"  {' ' * len(number)} | {caret}"]
    if d.hint:
        lines.append(f"  hint: {_clean(d.hint)}")
    return "\n".join(lines)


def to_json(diagnostic: Diagnostic) -> Json:
    """The diagnostic as a JSON object with one key a field, its texts cleaned."""
    return {key: _clean(value) if isinstance(value, str) else value for key, value in asdict(diagnostic).items()}


def suggest(word: str, candidates: Iterable[str]) -> str:
    """`did you mean 'x'?` for the candidate most like the word, or an empty text where none is like it."""
    # Imported here: it takes 25 ms, and most files have nothing wrong.
    from rapidfuzz import fuzz, process, utils

    found = process.extractOne(
        word[:100], list(candidates), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=70
    )
    return f"did you mean '{found[0]}'?" if found else ""


def listed(names: Iterable[str], most: int = 20) -> str:
    """Names for a hint: all of them where they are few, else the first and how many more there are."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def _excerpt(d: Diagnostic) -> tuple[str, str]:
    """The line and the caret's line. Cleaning and tabs change widths, so each part is cleaned by itself."""
    start = min(max(d.column - 1, 0), len(d.source_line))
    end = min(max(d.end_column - 1, start), len(d.source_line))
    first = max(0, start - WIDEST // 2) if len(d.source_line) > WIDEST else 0
    last = first + WIDEST
    before = _spread(_clean(d.source_line[first:start]), 0)
    marked = _spread(_clean(d.source_line[start : min(end, last)]), terminal_width(before))
    after = _spread(_clean(d.source_line[max(end, start) : last]), terminal_width(before + marked))
    lead = "…" if first else ""
    tail = "…" if last < len(d.source_line) else ""
    caret = " " * terminal_width(lead + before) + "^" + "~" * (terminal_width(marked) - 1)
    return (lead + before + marked + after + tail).rstrip(), caret


def _clean(text: str) -> str:
    """One line that is safe to print."""
    return safe_text(text).replace("\n", " ").replace("\r", " ")


def _spread(text: str, at: int) -> str:
    """Tabs as spaces, up to the next tab stop, for a text that starts at this column."""
    while "\t" in text:
        before, _, after = text.partition("\t")
        text = before + " " * (TAB - (at + terminal_width(before)) % TAB) + after
    return text


def terminal_width(text: str) -> int:
    """Terminal columns: wide characters take two, combining and formatting ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
