"""A table's lines as wide as a terminal: columns left out or broken at words, and no line that the terminal breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from workflows.diagnostics import terminal_width

GAP = 2
WIDEST = 30
"""Columns that a cell may take where there is little room, but for the last one's."""
LAST = 32
"""Columns that the last cell should have before others are left out for it."""
LEAST = 12


def lay_out(
    rows: Sequence[Sequence[str]], width: int | None, spare: Sequence[int] = (), brief: bool = False
) -> tuple[list[str], tuple[int, ...]]:
    """The lines of the first row, the header, and of the others; and which columns were left out.

    `width` is the terminal's, None where there is none: then each row is one line, however long. `spare` are columns
    that may be left out, the first one first. What is too wide goes on in the next line; of the last cell nothing does
    where `brief`, it is cut then.
    """
    kept = list(range(len(rows[0])))
    wide = [max(terminal_width(row[column]) for row in rows) for column in kept]
    last = kept[-1]
    if width is None or _total(wide) <= width:
        return [_line([row[column] for column in kept], wide) for row in rows], ()
    left_out: list[int] = []
    for column in spare:
        if _total([min(wide[each], WIDEST) for each in kept[:-1]] + [min(wide[last], LAST)]) <= width:
            break
        kept.remove(column)
        left_out.append(column)
    narrow = [wide[column] for column in kept[:-1]]
    if _total([*narrow, min(wide[last], LAST)]) > width:
        narrow = [min(size, WIDEST) for size in narrow]
    narrow.append(max(LEAST, width - _total(narrow) - GAP))
    lines: list[str] = []
    for row in rows:
        cells = [wrap(row[column], size) for column, size in zip(kept, narrow, strict=True)]
        if brief:
            cells[-1] = [cut(row[last], narrow[-1])]
        lines.extend(_line(parts, narrow) for parts in zip_longest(*cells, fillvalue=""))
    return lines, tuple(sorted(left_out))


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of so many columns, broken at blanks, and within a word that is wider by itself."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if terminal_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while terminal_width(word) > width:
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line or not lines else lines


def cut(text: str, width: int) -> str:
    """The text, or its beginning and `…` where it is wider."""
    return text if terminal_width(text) <= width else _head(text, width - 1).rstrip() + "…"


def _head(text: str, width: int) -> str:
    """As many of the first characters as fit, one at least."""
    end = 1
    while end < len(text) and terminal_width(text[: end + 1]) <= width:
        end += 1
    return text[:end]


def _total(sizes: Sequence[int]) -> int:
    return sum(sizes) + GAP * (len(sizes) - 1)


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    padded = [cell + " " * (size - terminal_width(cell)) for cell, size in zip(cells[:-1], sizes, strict=False)]
    return (" " * GAP).join((*padded, cells[-1])).rstrip()
