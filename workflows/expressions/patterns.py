"""Regular expressions that take time linear in the text, whatever the pattern.

Python's `re` backtracks: `(a+)+$` on 30 letters takes a quarter of a minute, and `.*.*.*x` on 10,000 hours, so that to
refuse nested quantifiers would not do. This follows all ways through the pattern at once instead (Thompson's
construction), which answers yes or no and never goes back. `re` itself is only ever asked about one character and one
class.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from workflows.expressions.errors import Refusal
from workflows.expressions.work import Work
from workflows.records import dataclass

MAX_SUBJECT = 10_000
VISITS_PER_STEP = 10

_WORD = re.compile(r"\w")

Test: TypeAlias = Callable[[str], object]


@dataclass(frozen=True)
class Instruction:
    """One character that passes `test`, or a fork to all of `to`, or a place that must hold (`where`), or the end."""

    kind: Literal["character", "fork", "place", "end"]
    test: Test = bool
    to: tuple[int, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Pattern:
    program: tuple[Instruction, ...]

    def matches(self, work: Work, text: str) -> bool:
        """Whether the pattern matches at the start of the text, as `re.match` does."""
        if len(text) > MAX_SUBJECT:
            raise Refusal(f"a pattern is tried on at most {MAX_SUBJECT:,} characters", "take a part of the text first")
        visits = 0
        waiting = [0]
        for at in range(len(text) + 1):
            tests, visited = self._reach(waiting, text, at)
            if tests is None:
                return True
            visits += visited + len(tests)
            if visits >= VISITS_PER_STEP:
                work.items(visits // VISITS_PER_STEP)
                visits %= VISITS_PER_STEP
            if not tests or at == len(text):
                return False
            character = text[at]
            waiting = [place + 1 for place in tests if self.program[place].test(character)]
        return False

    def _reach(self, places: list[int], text: str, at: int) -> tuple[list[int] | None, int]:
        """The character instructions that can be reached without reading, or None where the end can; and the visits."""
        seen: set[int] = set()
        tests: list[int] = []
        pending = list(places)
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            instruction = self.program[place]
            if instruction.kind == "end":
                return None, len(seen)
            if instruction.kind == "character":
                tests.append(place)
            elif instruction.kind == "fork":
                pending.extend(instruction.to)
            elif _holds(instruction.where, text, at):
                pending.append(place + 1)
        return tests, len(seen)


def _holds(where: str, text: str, at: int) -> bool:
    if where == "start":
        return at == 0
    if where == "end":
        return at == len(text)
    if where == "line end":  # `$` also stands before a final newline
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    before = at > 0 and bool(_WORD.match(text[at - 1]))
    after = at < len(text) and bool(_WORD.match(text[at]))
    return (before != after) == (where == "word edge")
