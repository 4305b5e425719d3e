"""The parts of docs/language.md that must have a case, and where a quote stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from tests.support.language_examples import PAGE


@dataclass(frozen=True)
class Part:
    """A section under a heading, or a row of a table. `start` and `end` are places in the page's plain text."""

    name: str
    start: int
    end: int


def plain(text: str) -> str:
    """The text with every run of white space as one space, so that quotes may be broken into lines anywhere."""
    return re.sub(r"\s+", " ", text)


@cache
def page() -> str:
    return plain(PAGE.read_text(encoding="utf-8"))


@cache
def parts() -> tuple[Part, ...]:
    """The headings of the page, each with its section down to the next one, and the rows of its tables of keys."""
    found: list[Part] = []
    start, fenced, text = 0, False, PAGE.read_text(encoding="utf-8")
    headings: list[tuple[str, int]] = []
    lines = text.split("\n")
    for line, below in pairwise([*lines, ""]):
        here = len(plain(text[:start]))
        start += len(line) + 1
        fenced ^= line.startswith("```")
        if fenced:
            continue
        if line.startswith(("## ", "### ")):
            headings.append((line.lstrip("# "), here))
        elif line.startswith("| `") and not below.startswith("|--"):
            found.append(Part(line.split("|")[1].strip(), here, here + len(plain(line))))
    ends = [place for _, place in headings[1:]] + [len(page())]
    found += [Part(name, here, end) for (name, here), end in zip(headings, ends, strict=True)]
    return tuple(sorted(found, key=lambda part: part.start))


def places_of(quote: str) -> list[int]:
    """Where a quote stands in the page."""
    wanted = plain(quote.strip())
    return [match.start() for match in re.finditer(re.escape(wanted), page())]
