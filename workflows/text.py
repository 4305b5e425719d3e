"""Text from outside, made safe to show: nothing in it can move the cursor, hide words or flood a screen.

What a tool, a model or a file says may hold commands for the terminal (clipboard, title, clear the screen), characters
that reorder or hide other characters, and lines without end. Neither Rich nor Textual takes these out.
"""

from __future__ import annotations

import re

from workflows.values import Json

MARK = "\N{REPLACEMENT CHARACTER}"
"""Stands where something was taken out: one for each run of removed characters and sequences."""

MAX_LINE = 4096
MAX_COMBINING = 8

_PLAIN = re.compile(r"[\t\n\x20-\x7e]*+\Z")
"""Most text: nothing to remove, seen at once."""


def safe_text(text: str, *, limit: int | None = None, max_line: int | None = MAX_LINE) -> str:
    """The text with all that could act on a terminal or hide from a reader replaced by `MARK`.

    Removed: control characters but newline and tab, escape sequences with their payload, bidi controls, zero-width
    and tag characters, lone surrogates, more than 8 combining marks in a row. What honest text is full of goes without
    a mark: colours, joiners, soft hyphens, a leading BOM. CR and CRLF become a newline.

    Lines longer than `max_line` characters are cut (None: never). A text longer than `limit` characters keeps its head
    and its tail. What was cut is counted in its place. Linear in time; cleaning what is clean changes nothing.
    """
    if not _PLAIN.match(text):
        # Imported here: what it looks for takes a millisecond to compile, and most programs meet only plain text.
        from workflows.cleaning import cleaned

        text = cleaned(text)
    if max_line is not None and len(text) > max_line:
        text = "\n".join(_cut(line, max_line) for line in text.split("\n"))
    if limit is not None and len(text) > limit:
        text = _middle_out(text, limit)
    return text


def is_clean(text: str) -> bool:
    """Whether it is such text as most is, in which nothing can be hidden: printable ASCII, tabs and newlines."""
    return _PLAIN.match(text) is not None


def safe_json(value: Json, *, limit: int | None = None, max_line: int | None = None) -> Json:
    """A copy of JSON data with every string cleaned by `safe_text`, keys too.

    Unlike shown text, data keeps its long lines unless asked. Where two keys become the same, the last one wins.
    Raises RecursionError for data nested deeper than Python's stack, as `json` does.
    """
    if isinstance(value, str):
        return safe_text(value, limit=limit, max_line=max_line)
    if isinstance(value, dict):
        return {
            safe_text(key, limit=limit, max_line=max_line): safe_json(item, limit=limit, max_line=max_line)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [safe_json(item, limit=limit, max_line=max_line) for item in value]
    return value


def one_line(text: str, width: int) -> str:
    """The text cleaned and on one line, at most `width` characters long: for titles. A cut one ends in `…`."""
    if width <= 0:
        return ""
    # What is cut away need not be cleaned first; four times the width leaves room for sequences and blanks.
    line = " ".join(safe_text(text[: 4 * width + 4096], max_line=None).split())
    if len(line) <= width:
        return line
    return line[: width - 1].rstrip() + "…"


def _cut(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    room = width - len(_note(len(line)))
    return line[:room] + _note(len(line) - room) if room > 0 else line[: max(width, 0)]


def _middle_out(text: str, limit: int) -> str:
    room = limit - len(_note(len(text))) - 2
    if room <= 0:
        return text[: max(limit, 0)]
    tail = room // 2
    return f"{text[: room - tail]}\n{_note(len(text) - room)}\n{text[len(text) - tail :]}"


def _note(count: int) -> str:
    return f"… {count} characters left out …"
