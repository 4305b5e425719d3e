"""The times that a schedule means: cron lines and intervals, read and compared by the times that they mean.

A cron line has five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), each `*`, a
number, a range, a list or a step (`*/10`); months and days have their English short names. Where both days are given,
either of them starts it; one that begins with `*` does not count as given, as in crontab(5).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from workflows.records import dataclass

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...], int], ...] = (
    ("minute", 0, 59, (), 0),
    ("hour", 0, 23, (), 0),
    ("day of the month", 1, 31, (), 0),
    ("month", 1, 12, MONTHS, 1),
    ("day of the week", 0, 7, DAYS, 0),
)
_LONGEST_MONTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d{1,3}))?")
_LONGEST = 200


@dataclass(frozen=True)
class Cron:
    """The times of a cron line. Equal ones start at the same times. `either` is true where both days are given."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool = False


class CronFault(ValueError):
    """What is wrong with a cron line. `span` is where: the first character, and the first after it."""

    def __init__(self, message: str, span: tuple[int, int]) -> None:
        super().__init__(message)
        self.span = span


def read_cron(text: str) -> Cron:
    """The times that a cron line means. Raises CronFault, which says what is wrong, and where."""
    places = [(match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    line = NICKNAMES.get(text.strip().lower(), text.strip().lower())
    fields = line.split()
    if len(fields) != len(_FIELDS) or len(line) > _LONGEST:
        raise CronFault(f"it has five fields, not {len(fields)}", (0, len(text)))
    found = []
    for number, (field, rule) in enumerate(zip(fields, _FIELDS, strict=True)):
        try:
            found.append(_values(field, *rule))
        except ValueError as error:
            raise CronFault(str(error), places[number]) from None
    minutes, hours, days, months, weekdays = found
    either = not (fields[2].startswith("*") or fields[4].startswith("*"))
    if not either and min(days) > max(_LONGEST_MONTHS[month] for month in months):
        raise CronFault(f"none of its months has a day {min(days)}", places[2])
    return Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)


def read_time(text: str) -> datetime:
    """A single time, with a zone only where it says one. Raises ValueError, which says what is wrong."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("it is written as 2026-12-24 18:00, or as 2026-12-24T18:00+01:00") from None


def as_interval(cron: Cron) -> float | None:
    """Seconds from one start to the next where they are always the same, within hours and days; else None."""
    if len(cron.days) < 31 or len(cron.months) < 12 or len(cron.weekdays) < 7:
        return None
    times = sorted(60 * hour + minute for hour in cron.hours for minute in cron.minutes)
    gaps = {after - before for before, after in zip(times, [*times[1:], times[0] + 24 * 60], strict=True)}
    return 60.0 * gaps.pop() if len(gaps) == 1 else None


def length(seconds: float) -> str:
    """A duration as the language writes it, in the largest unit that it is whole in."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0 and seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


@cache
def known_zones() -> frozenset[str]:
    """The names of time zones; none where this machine has no list of them, so that nothing can be said."""
    from zoneinfo import available_timezones  # reads a folder of hundreds of files

    return frozenset(available_timezones())


def _values(text: str, name: str, least: int, most: int, names: tuple[str, ...], first: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"'{part}' is no {name}")
        low, _, high = match[1].partition("-")
        step = int(match[2] or 1)
        if low == "*":
            start, end = least, most
        else:
            start = _number(low, name, names, first)
            end = _number(high, name, names, first) if high else most if match[2] else start
        if name == "day of the week" and end == 0 and start > 0:
            end = 7
        if not (least <= start <= end <= most) or step < 1:
            raise ValueError(f"'{part}' is no {name} from {least} to {most}")
        found.update(range(start, end + 1, step))
    return frozenset(found)


def _number(text: str, name: str, names: tuple[str, ...], first: int) -> int:
    if text.isdecimal() and text.isascii():
        return int(text)
    if text[:3] in names and len(text) >= 3:
        return names.index(text[:3]) + first
    raise ValueError(f"'{text}' is no {name}")
