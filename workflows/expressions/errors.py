"""What an expression can fail with: inside, refusals that know a place; outside, one error that shows it."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.errors import UnderstudyError
from workflows.text import one_line

SHOWN_KEYS = 8


class ExpressionError(UnderstudyError):
    """An expression that cannot be read, or that met data it cannot be computed from.

    `source` is the expression's own text and starts at `start`; `offset` (from 0) and `column` (from 1) point into the
    whole text that was compiled; `path` leads to that text inside a compiled value. `message` leaves the place out, for
    callers that show a caret; `str()` has it, as the column in the expression.
    """

    def __init__(self, message: str, hint: str = "", *, source: str = "", start: int = 0, offset: int = 0) -> None:
        super().__init__(message, hint)
        self.source = source
        self.start = start
        self.offset = offset
        self.path: tuple[str | int, ...] = ()

    @property
    def column(self) -> int:
        return self.offset + 1

    def __str__(self) -> str:
        column = self.offset - self.start + 1
        return f"{self.message} (column {column} of `{one_line(self.source, 80)}`)" if self.source else self.message


class Refusal(Exception):
    """Why something is not done. `at` is an offset into the expression's text; the walk fills it in where it is None.

    The message never quotes a value, only names and keys: values may be secrets.
    """

    def __init__(self, message: str, hint: str = "", at: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at


class Missing(Refusal):
    """What was asked for is not there: the one refusal that `default` and `is defined` take for an answer.

    Worded only when it is shown, as most are answered by `default`.
    """

    def __init__(self, what: str, keys: Iterable[str] = (), key: str | None = None, at: int | None = None) -> None:
        super().__init__(what, at=at)
        self.keys = keys
        self.key = key

    def worded(self) -> Refusal:
        if self.key is None:
            return self
        keys = [key for key, _ in zip(self.keys, range(1000), strict=False)]
        shown = ", ".join(one_line(key, 40) for key in keys[:SHOWN_KEYS]) or "nothing"
        more = ", …" if len(keys) > SHOWN_KEYS else ""
        return Refusal(f"{self.message} (has: {shown}{more})", did_you_mean(self.key, keys), self.at)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """`did you mean 'x'?` for the choice that looks most like the word, or nothing."""
    from rapidfuzz import fuzz, process  # imported here: 50 ms, and most runs meet no such error

    usual = [choice for choice in choices if len(choice) <= 100]
    found = process.extractOne(word[:100], usual, scorer=fuzz.ratio, score_cutoff=60, processor=str.lower)
    return f"did you mean '{one_line(found[0], 40)}'?" if found else ""
