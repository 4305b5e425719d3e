"""Rules that the rows of a table keep or break, written as words: `id is unique`, `amount >= 0`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from skills import SkillError
from skills.library.data._files import Row
from skills.library.data._steps import COMPARE, Stage, column_names, holds
from skills.library.data._values import as_date, as_number, filled, is_date, mostly
from workflows.values import canonical

EXAMPLES = (
    "id is unique",
    "email is not empty",
    "amount >= 0",
    "share between 0 and 1",
    "status in new, paid",
    "date is a date",
    "price is a number",
    "email is an email",
    "newest within 1d",
    "rows >= 10",
)
"""One of each kind."""

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(?:\.[^@\s.]{1,63})+")
_MEANT: dict[str, Callable[[Any], bool]] = {
    "date": is_date,
    "number": lambda value: as_number(value) is not None,
    "email": lambda value: _EMAIL.fullmatch(str(value)) is not None,
    "address": lambda value: str(value).startswith(("http://", "https://")),
}

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Kept:
    """How a rule was kept: the rows that break it, counted from 1, and what is worth telling."""

    rows: tuple[int, ...] = ()
    broken: bool = False
    note: str = ""


def check_rule(words: str, columns: Sequence[str], rows: list[Row], now: datetime) -> Kept:
    """How the rows keep a rule. Raises SkillError (`validation`) for words that are none, or a column they have not."""
    text, table = " ".join(words.split()), Stage(tuple(columns), rows)
    for pattern, act in _KINDS:
        if match := re.fullmatch(pattern, text, re.IGNORECASE):
            return act(table, match, now)
    raise SkillError(f"'{words[:100]}' is no rule", "such as " + "; ".join(EXAMPLES), "validation")


def _each(table: Stage, said: str, right: Callable[[Any], bool], *, gaps: bool = True) -> Kept:
    """Each value of these columns; `gaps`: what is empty breaks nothing."""
    names = column_names(table, said)
    wrong = [
        (number, name, row.get(name))
        for number, row in enumerate(table.rows, 1)
        for name in names
        if not (gaps and not filled(row.get(name))) and not right(row.get(name))
    ]
    numbers = tuple(dict.fromkeys(number for number, *_ in wrong))
    note = f"such as {wrong[0][1]} = {wrong[0][2]!r} in row {wrong[0][0]}" if wrong else ""
    return Kept(numbers, bool(wrong), note)


def _present(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    return _each(table, match["names"], filled, gaps=False)


def _unique(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    names = column_names(table, match["names"])
    keys = [canonical([row.get(name) for name in names]) for row in table.rows]
    counts = Counter(keys)
    wrong = tuple(number for number, key in enumerate(keys, 1) if counts[key] > 1)
    return Kept(wrong, bool(wrong), f"such as {keys[wrong[0] - 1]}" if wrong else "")


def _kind(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    return _each(table, match["names"], _MEANT[match["kind"].lower()])


def _between(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    low, high = match["low"], match["high"]
    right = lambda value: holds(value, COMPARE[">="], low) and holds(value, COMPARE["<="], high)  # noqa: E731  # one line
    return _each(table, match["names"], right)


def _among(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    among = {each.strip(" '\"()[]") for each in match["values"].split(",")}
    return _each(table, match["names"], lambda value: str(value) in among)


def _within(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    """The newest time of these columns, or of all that hold dates, is not older."""
    if match["names"].lower() in ("newest", "data"):
        names = [name for name in table.columns if mostly((row.get(name) for row in table.rows), _time)]
    else:
        names = column_names(table, match["names"])
    times = [time for row in table.rows for name in names if (time := _time(row.get(name)))]
    if not times:
        return Kept(broken=True, note="there is no time in it")
    age = timedelta(**{_UNITS[match["unit"][0].lower()]: float(match["count"])})
    newest = max(times)
    return Kept(broken=newest < now - age, note=f"the newest is {newest.isoformat()}")


def _time(value: Any) -> datetime | None:
    said = as_date(value)
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said.strip())
    except ValueError:
        found = datetime.fromisoformat(said[:10])
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _rows(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    broken = not COMPARE[match["compare"]](len(table.rows), int(match["count"]))
    return Kept(broken=broken, note=f"there are {len(table.rows)}")


def _compared(table: Stage, match: re.Match[str], now: datetime) -> Kept:
    compare, wanted = COMPARE[match["compare"]], match["value"].strip("'\"")
    return _each(table, match["names"], lambda value: holds(value, compare, wanted))


_KINDS: tuple[tuple[str, Callable[[Stage, re.Match[str], datetime], Kept]], ...] = (
    (r"rows\s*(?P<compare>>=|<=|!=|==|=|>|<)\s*(?P<count>\d+)", _rows),
    (r"(?P<names>.+?) (?:is|are) unique", _unique),
    (r"(?P<names>.+?) (?:is|are) (?:not empty|required|present)", _present),
    (r"(?P<names>.+?) (?:is an?|are) (?P<kind>date|number|email|address)s?", _kind),
    (r"(?P<names>.+?) (?:is )?between (?P<low>.+) and (?P<high>.+)", _between),
    (r"(?P<names>.+?) (?:is )?(?:in|one of) (?P<values>.+)", _among),
    (
        r"(?P<names>.+?) (?:is )?within (?P<count>\d+(?:\.\d+)?)\s*(?P<unit>m|h|d|w|minutes?|hours?|days?|weeks?)",
        _within,
    ),
    (r"(?P<names>.+?)\s*(?P<compare>>=|<=|!=|==|=|>|<)\s*(?P<value>.+)", _compared),
)
