"""YAML in colours, as far as a glance needs it: names, comments, expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.tui.text import KEY, QUIET, STYLES

COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
NAME = re.compile(
    r"^(\s*(?:- )*)([\w.$-]+|\"[^\"]*\"|'[^']*')(?=:(?:\s|$))|(?<=[{,] )([\w.-]+)(?=: )|(?<=\{)([\w.-]+)(?=: )"
)
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")

Span = tuple[int, int, str]
"""From where to where in a line, and the style that is put on what is there already."""


def tints(line: str) -> Iterator[Span]:
    """What is coloured in a line, by itself: what stands in a text of several lines may be taken for a name."""
    for found in NAME.finditer(line):
        yield *found.span(found.lastindex or 0), STYLES["active"]
    for found in EXPRESSION.finditer(line):
        yield *found.span(), KEY.removeprefix("bold ")
    if (comment := COMMENT.search(line)) is not None:
        yield comment.start(), len(line), QUIET
