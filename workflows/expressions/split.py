"""Text into what stands as it is and what is inside `${{ … }}`."""

from __future__ import annotations

import re

from workflows.expressions.errors import Refusal
from workflows.records import dataclass

MAX_SOURCE = 4096

_OPENING = re.compile(r"\$?\$\{\{")
_NOTABLE = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"|['"()\[\]{}]""", re.DOTALL)
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Slot:
    """An expression's text and where it starts in the whole text."""

    source: str
    at: int


def split(text: str) -> list[str | Slot]:
    """The text's parts in order. `$${{` is the literal `${{`. Raises Refusal for braces that are not closed."""
    parts: list[str | Slot] = []
    at = 0
    while opening := _OPENING.search(text, at):
        parts.append(text[at : opening.start()])
        at = opening.end()
        if len(opening.group()) == 4:
            parts.append("${{")
            continue
        end = _closing(text, at)
        parts.append(Slot(text[at:end], at))
        at = end + 2
    parts.append(text[at:])
    return [part for part in parts if part != ""]


def _closing(text: str, start: int) -> int:
    """Where the `}}` is that ends the expression: not inside quotes, nor the end of a dict in it."""
    open_brackets: list[tuple[str, int]] = []
    at = start
    while found := _NOTABLE.search(text, at, start + MAX_SOURCE + 2):
        sign, at = found.group(), found.end()
        if sign in "([{":
            open_brackets.append((sign, found.start()))
        elif sign in "'\"":
            raise Refusal("this quote is not closed", at=found.start())
        elif sign in _PAIRS:
            if sign == "}" and not open_brackets and text.startswith("}", at):
                return found.start()
            if not open_brackets:
                raise Refusal(f"unexpected {sign!r}", at=found.start())
            opened, place = open_brackets.pop()
            if opened != _PAIRS[sign]:
                raise Refusal(f"this {opened!r} is not closed", at=place)
    if len(text) - start > MAX_SOURCE:
        raise Refusal(f"an expression longer than {MAX_SOURCE} characters, or one without its `}}}}`", at=start)
    if open_brackets:
        raise Refusal(f"this {open_brackets[-1][0]!r} is not closed", at=open_brackets[-1][1])
    raise Refusal("`${{` without its `}}`", "write `$${{` for the text `${{` itself", at=start - 3)
