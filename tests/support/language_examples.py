"""The examples of `docs/language.md`.

A block marked `yaml` is a whole file, `yaml steps` the steps of one. With `wrong`, the block marked `text` that follows
is what is said of it.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
_BLOCK = re.compile(r"^```(yaml|text)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One example, and the line it stands in."""

    line: int
    text: str
    wrong: bool
    said: str


def examples() -> list[Example]:
    """All of them, in order."""
    page = PAGE.read_text(encoding="utf-8")
    found: list[Example] = []
    for block in _BLOCK.finditer(page):
        before = page[: block.start()]
        if block[1] == "text":
            last = found.pop()
            found.append(Example(last.line, last.text, last.wrong, block[3]))
            continue
        body = f"name: Example\nsteps:\n{textwrap.indent(block[3], '  ')}" if "steps" in block[2] else block[3]
        found.append(Example(before.count("\n") + 1, body, "wrong" in block[2], ""))
    return found
