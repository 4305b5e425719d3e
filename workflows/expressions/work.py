"""The work that one evaluation may do, counted in steps, and the outside world that it may ask."""

from __future__ import annotations

from collections.abc import Callable

from workflows.expressions.errors import Refusal
from workflows.records import dataclass
from workflows.values import Json

MAX_STEPS = 10_000
"""Items visited or made, each a step, and a step for every 1,000 characters: some 10 ms, at the very worst 50."""

MAX_SIZE = 1_000_000
"""Of a result or of a text on the way to it, in characters; in data every item counts 8 more."""

MAX_DATA_DEPTH = 100
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Functions:
    """The functions that look outside. Using one that is not given is an ExpressionError.

    `now` returns ISO 8601 in UTC; `file_exists` says whether a path is there, by the caller's own idea of a root.
    """

    now: Callable[[], str] | None = None
    file_exists: Callable[[str], bool] | None = None


class Work:
    """Counts down. Whoever visits or makes something says so first, and is refused when nothing is left.

    A count and no clock, so that the same expression and data always come to the same end.
    """

    __slots__ = ("left", "outside")

    def __init__(self, outside: Functions) -> None:
        self.outside = outside
        self.left = MAX_STEPS

    def items(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Refusal(
                f"this is more work than one expression may do ({MAX_STEPS:,} items)",
                "do it in a skill, or in fewer items",
            )

    def characters(self, count: int) -> None:
        """Reading that many."""
        self.items(1 + count // 1000)

    def text(self, length: int) -> None:
        """Making a text of that length."""
        if length > MAX_SIZE:
            raise too_large()
        self.characters(length)


def weigh(value: Json) -> int:
    """The size of data, as MAX_SIZE counts it. Refuses what is larger, deeper than 100, or no plain JSON.

    Stops as soon as the limit is reached, so that shared parts cannot make it long.
    """
    size = 0
    level = [value]
    for _ in range(MAX_DATA_DEPTH):
        deeper: list[Json] = []
        for item in level:
            kind = type(item)
            size += 8
            if kind is str:
                size += len(item)
            elif kind is dict:
                for key in item:
                    if type(key) is not str:
                        raise Refusal("an object with a key that is not text is not data")
                    size += len(key)
                deeper.extend(item.values())
            elif kind is list:
                deeper.extend(item)
            elif kind is int:
                size += item.bit_length() // 3
            elif kind is float:
                if item - item != 0:
                    raise Refusal("a number that is not finite is not data")
            elif item is not None and kind is not bool:
                raise Refusal(f"a {kind.__name__} is not data")
            if size + 8 * len(deeper) > MAX_SIZE:
                raise too_large()
        if not deeper:
            return size
        level = deeper
    raise Refusal(f"data nested deeper than {MAX_DATA_DEPTH}")


def too_large() -> Refusal:
    return Refusal(f"the result is larger than {MAX_SIZE:,} characters", "pass a part of it, or the path of a file")
