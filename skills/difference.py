"""Two texts as a unified diff, in bounded time."""

from __future__ import annotations

import re

_MAX_LINES = 20_000
"""Lines of either side, without what both begin and end with, that are compared line by line."""

_MOST_STEPS = 20_000_000
"""Pairs of equal lines that are looked at: texts of few different lines can have the cube of their lengths of them."""

_AROUND = 3


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends. Only a newline ends a line (Python's own `splitlines` knows nine others)."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def unified(before: str, after: str, old: str, new: str) -> str:
    """What changes from `before` to `after`, as `diff -u` shows it; empty where nothing does. `old`, `new`: headings.

    Texts too long to compare line by line are shown as one removed and one added block.
    """
    if before == after:
        return ""
    a, b = split_lines(before), split_lines(after)
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    if max(len(a), len(b)) - start - end > _MAX_LINES:
        return _blocks(a, b, start, end, old, new)
    # Lines far from any change cost time and are not shown: they are cut off, and counted in the headers.
    head, tail = max(start - _AROUND, 0), max(end - _AROUND, 0)
    from skills.comparing import TooManySteps, compared  # reading a file needs the lines alone

    try:
        lines = compared(a[head : len(a) - tail], b[head : len(b) - tail], old, new, _AROUND, _MOST_STEPS)
        return "".join(_ended(_moved(line, head)) for line in lines)
    except TooManySteps:
        return _blocks(a, b, start, end, old, new)


def _moved(line: str, by: int) -> str:
    if not by or not line.startswith("@@ "):
        return line
    _, old, new, _ = line.split(" ", 3)
    return f"@@ {_shift(old, by)} {_shift(new, by)} @@\n"


def _shift(span: str, by: int) -> str:
    sign, (first, *length) = span[0], span[1:].split(",")
    return ",".join([f"{sign}{int(first) + by}", *length])


def _blocks(a: list[str], b: list[str], start: int, end: int, old: str, new: str) -> str:
    removed, added = a[start : len(a) - end], b[start : len(b) - end]
    # A side without lines is named by the line before it.
    spans = [f"{start + bool(lines)},{len(lines)}" for lines in (removed, added)]
    header = f"--- {old}\n+++ {new}\n@@ -{spans[0]} +{spans[1]} @@\n"
    return header + "".join(_ended(f"-{line}") for line in removed) + "".join(_ended(f"+{line}") for line in added)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
