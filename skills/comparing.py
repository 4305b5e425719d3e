"""Lines compared by `difflib`, for so many steps at most: how many it takes is up to whoever wrote the lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import accumulate


class TooManySteps(Exception):
    """The texts take too long to compare. The same texts always do: an approval of them is bound to what is shown."""


class _Matcher(difflib.SequenceMatcher[str]):
    """Counts what `find_longest_match` may look at: each line of the one with all that are equal to it of the other."""

    def __init__(self, a: Sequence[str], b: Sequence[str], steps: int) -> None:
        super().__init__(None, a, b)
        self._left = steps
        where: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]  # documented, and not in its stub
        self._until = [0, *accumulate(1 + len(where.get(line, ())) for line in a)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        self._left -= self._until[-1 if ahi is None else ahi] - self._until[alo]
        if self._left < 0:
            raise TooManySteps
        return super().find_longest_match(alo, ahi, blo, bhi)


def compared(a: Sequence[str], b: Sequence[str], old: str, new: str, around: int, steps: int) -> Iterator[str]:
    """The lines of a unified diff, as `difflib.unified_diff` gives them. Raises TooManySteps."""
    matcher = _Matcher(a, b, steps)
    for place, group in enumerate(matcher.get_grouped_opcodes(around)):
        if place == 0:
            yield f"--- {old}\n"
            yield f"+++ {new}\n"
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@\n"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (f" {line}" for line in a[i1:i2])
                continue
            yield from (f"-{line}" for line in a[i1:i2])
            yield from (f"+{line}" for line in b[j1:j2])


def _span(start: int, stop: int) -> str:
    """As `diff` writes it: a side without lines is named by the line before it."""
    length = stop - start
    return str(start + 1) if length == 1 else f"{start + bool(length)},{length}"
