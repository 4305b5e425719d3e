"""Where a line is broken so that it fits a width in terminal columns."""

from __future__ import annotations

from rich.cells import get_character_cell_size

TAB = 4
"""Columns from one tab stop to the next."""


def breaks(text: str, width: int) -> list[tuple[int, int]]:
    """The parts of a line as (start, end) of its characters, in order and without gaps; an empty line is one part.

    Breaks come after blanks, and inside a word only where it is wider than `width` by itself. Tab stops count from the
    beginning of a part.
    """
    width = max(width, 1)
    plain = text.isascii() and "\t" not in text
    if plain and len(text) <= width:
        return [(0, len(text))]
    parts: list[tuple[int, int]] = []
    start = column = 0
    after_blank = -1
    for at, character in enumerate(text):
        size = 1 if plain else _size(character, column)
        # A blank may stand beyond the edge, where nobody sees it.
        while column + size > width and at > start and not character.isspace():
            end = after_blank if after_blank > start else at
            parts.append((start, end))
            column = columns(text[end:at])
            start, after_blank = end, -1
        column += size
        if character.isspace():
            after_blank = at + 1
    parts.append((start, len(text)))
    return parts


def columns(text: str) -> int:
    """How many columns a text takes that begins at the left edge."""
    column = 0
    for character in text:
        column += _size(character, column)
    return column


def _size(character: str, column: int) -> int:
    return TAB - column % TAB if character == "\t" else get_character_cell_size(character)
