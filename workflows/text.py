"""Text from outside, made safe to show: nothing in it can move the cursor, hide words or flood a screen.

What a tool, a model or a file says may hold commands for the terminal (clipboard, title, clear the screen), characters
that reorder or hide other characters, and lines without end. Neither Rich nor Textual takes these out.
"""

from __future__ import annotations

import re
import unicodedata

from workflows.values import Json

MARK = "\N{REPLACEMENT CHARACTER}"
"""Stands where something was taken out: one for each run of removed characters and sequences."""

MAX_LINE = 4096
MAX_COMBINING = 8

_PLAIN = re.compile(r"[\t\n\x20-\x7e]*+\Z")
"""Most text: nothing to remove, seen at once."""

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
"""Become a newline without a mark. A lone CR too: what a progress bar overwrote is shown, line by line."""

_QUIET = re.compile("\x1b\\[[0-9:;]*+m|[\u00ad\u200c\u200d]|\\A\ufeff")
"""Goes without a mark, as honest text is full of it: colours, soft hyphens, joiners (of emoji, of Persian), a BOM."""

# In strings (OSC, DCS, APC, PM, SOS) the payload goes too. It ends at its terminator, or where another control aborts
# it. One that never ends takes the rest of its line, not the rest of the text: else it would hide all that follows.
# Every repetition is possessive and stops where the next introducer may start, so the work is linear.
_REMOVED = re.compile(
    r"""
      (?: \x1b[\]P^_X] | [\x90\x98\x9d-\x9f] )
      (?: [^\x07\x18\x1a\x1b\x80-\x9f]*+ (?: \x07 | \x1b\\ | \x9c | (?= [\x18\x1a\x1b\x80-\x9f] ) )
        | [^\n\x07\x18\x1a\x1b\x80-\x9f]*+ )
    | (?: \x1b\[ | \x9b ) [\x30-\x3f]*+ [\x20-\x2f]*+ [\x40-\x7e]?      # CSI
    | \x1b [\x20-\x2f]*+ [\x30-\x7e]?                                   # every other escape, and a lone one
    | [\x00-\x08\x0b-\x1f\x7f-\x9f]                                     # C0 but tab and newline, DEL, C1
    | [\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]                    # bidi controls
    | [\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]       # zero width
    | [\U000e0000-\U000e007f]                                           # tags: a hidden copy of ASCII
    | [\ud800-\udfff]                                                   # lone surrogates
    """,
    re.VERBOSE,
)

_MAYBE_COMBINING = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f-\u2dff\u302a-\u302f\u3099\u309a"
    "\ua66f-\uabff\ufb1e\ufe00-\ufe2f\U000101fd-\U0001e94a\U000e0100-\U000e01ef]"
    f"{{{MAX_COMBINING + 1},}}"
)
"""Runs long enough to matter, in the blocks that hold combining marks; whole scripts pass it, so each is looked at."""


def safe_text(text: str, *, limit: int | None = None, max_line: int | None = MAX_LINE) -> str:
    """The text with all that could act on a terminal or hide from a reader replaced by `MARK`.

    Removed: control characters but newline and tab, escape sequences with their payload, bidi controls, zero-width
    and tag characters, lone surrogates, more than 8 combining marks in a row. What honest text is full of goes without
    a mark: colours, joiners, soft hyphens, a leading BOM. CR and CRLF become a newline.

    Lines longer than `max_line` characters are cut (None: never). A text longer than `limit` characters keeps its head
    and its tail. What was cut is counted in its place. Linear in time; cleaning what is clean changes nothing.
    """
    if not _PLAIN.match(text):
        text = _cleaned(text)
    if max_line is not None and len(text) > max_line:
        text = "\n".join(_cut(line, max_line) for line in text.split("\n"))
    if limit is not None and len(text) > limit:
        text = _middle_out(text, limit)
    return text


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


def _cleaned(text: str) -> str:
    text = _LINE_ENDS.sub("\n", text)
    text = _QUIET.sub("", text)
    text = _REMOVED.sub("\x00", text)
    if "\x00" in text:
        text = re.sub("\x00+", MARK, text)
    return text if text.isascii() else _MAYBE_COMBINING.sub(_fewer_marks, text)


def _fewer_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run.group():
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MAX_COMBINING:
            kept.append(character)
        elif marks == MAX_COMBINING + 1:
            kept.append(MARK)
    return "".join(kept)


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
