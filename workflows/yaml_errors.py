"""What a YAML parser's complaint means, and what to do. The C and the Python parser word it differently."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml


class Place(NamedTuple):
    """What is wrong, and where in the text."""

    code: str
    message: str
    hint: str
    start: int
    end: int


def explain(error: yaml.YAMLError, text: str) -> Place:
    """The complaint in our words. Never raises; a complaint without a place is put at the start."""
    problem = str(getattr(error, "problem", "") or error)
    context = str(getattr(error, "context", "") or "")
    at = _index(getattr(error, "problem_mark", None), text)
    opened = _index(getattr(error, "context_mark", None), text)
    if found := _expression(text, at):
        return Place("quote-expression", "quote the expression", _QUOTE, *found)
    if text[at : at + 1] == "\t":
        return Place("bad-yaml", "a tab cannot indent a line", "indent with spaces", at, at + 1)
    if text[max(at - 1, 0) : at] == "\\":
        at -= 1  # the Python parser points behind the backslash
    line_before = text[text.rfind("\n", 0, at) + 1 : at]
    if line_before.rstrip().endswith(("'", '"')) and re.search(r"expected key|expected <block end>", problem):
        return Place("bad-yaml", "nothing can follow the closing quote", "put the whole text in quotes", at, at + 1)
    for pattern, message, hint, where in _MEANINGS:
        if re.search(pattern, f"{context}: {problem}"):
            unclosed = where == "bracket" and not text[at:].strip()
            start = opened if where == "opened" or unclosed else at
            message = "this bracket is never closed" if unclosed else message
            shown = text[start : start + 1] if text[start : start + 1].isprintable() else ""
            return Place("bad-yaml", message.format(shown), hint, start, min(start + 1, len(text)))
    return Place("bad-yaml", f"this is not readable as YAML: {problem}", "", at, min(at + 1, len(text)))


_QUOTE = 'write "${{ … }}" in quotes: without them YAML reads the braces, commas and colons itself'

_MEANINGS = (
    (
        r"found character.* that cannot start any token",
        "a text cannot start with '{}'",
        "put the text in quotes",
        "problem",
    ),
    (
        r"mapping values are not allowed",
        "a ':' cannot stand here",
        "put a text that has ': ' in it in quotes, and start keys that belong together in the same column",
        "problem",
    ),
    (
        r"sequence entries are not allowed",
        "a list cannot start in this line",
        "start the list in the next line, with '- ' in front of each item",
        "problem",
    ),
    (
        r"quoted scalar: found unexpected (end of stream|document separator)",
        "this quote is never closed",
        "end the text with the same quote",
        "opened",
    ),
    (
        r"unknown escape character|escape code|did not find expected hexdecimal number|expected escape sequence",
        "a '\\' in double quotes starts an escape, and this is none",
        "write '\\\\' for a backslash, or use single quotes",
        "problem",
    ),
    (
        r"flow (mapping|sequence): (did not find expected|expected) ',' or",
        "a ',' or the closing bracket is missing",
        "close what was opened with { or [, and put commas between the items",
        "bracket",
    ),
    (
        r"could not find expected ':'",
        "a key without its ':'",
        "write 'key: value'; a text of several lines needs 'key: |' and deeper indentation",
        "problem",
    ),
    (
        r"expected '-' indicator|block collection: expected <block end>",
        "this line does not belong to the list above",
        "start the items of a list with '- ' in the same column",
        "problem",
    ),
    (
        r"did not find expected key|block mapping: expected <block end>",
        "this line does not belong to the keys above",
        "start keys that belong together in the same column",
        "problem",
    ),
    (
        r"expected (the )?node content|expected <document start>|expected '<document start>'",
        "'{}' cannot stand here",
        "put the text in quotes, or take it out",
        "problem",
    ),
    (
        r"undefined tag handle|scanning a tag|scanning an? (anchor|alias)|undefined alias",
        "a text cannot start with '{}'",
        "put the text in quotes",
        "opened",
    ),
    (
        r"indentation|block scalar",
        "the lines of this text are not indented alike",
        "indent all of its lines with spaces, deeper than its key",
        "problem",
    ),
)


def _expression(text: str, at: int) -> tuple[int, int] | None:
    """The `${{ … }}` that the parser stumbled over: at its brace, or inside it."""
    opened = text.rfind("${{", 0, at + 2)
    if opened < 0 or text.find("\n", opened, at) >= 0:
        return None
    line_end = text.find("\n", opened)
    line_end = len(text) if line_end < 0 else line_end
    closed = text.find("}}", opened, line_end)
    end = line_end if closed < 0 else closed + 2
    return (opened, end) if at <= end else None


def _index(mark: object, text: str) -> int:
    index = getattr(mark, "index", 0)
    return min(max(index, 0), len(text))
