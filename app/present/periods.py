"""Stretches of time that statistics are of, and the equal parts that they are drawn in. Days are those of here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from workflows.records import dataclass

UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
"""Seconds of the letters that people write behind a number."""

FINE, DAYS, WEEKS = 2, 45, 45 * 7
"""The most days that are drawn by the hour, by the day and by the week."""


@dataclass(frozen=True)
class Period:
    """From `since` (seconds since the epoch; None: from the first run on) until now. `name` is what people type."""

    name: str
    label: str
    since: float | None

    @property
    def within(self) -> str:
        """As the end of a sentence: `today`, `in the last 7 days`; empty for all time."""
        said = self.label.removeprefix("1 ")
        return "" if self.since is None else said if self.name == "today" else f"in the last {said}"


@dataclass(frozen=True)
class Part:
    """One of the parts a period is drawn in, from `start` until `end`, seconds since the epoch."""

    start: float
    end: float
    label: str


NAMES = ("today", "7d", "30d", "90d", "all")
"""The periods that a screen offers, the shortest first."""


def read_period(text: str, now: float) -> Period | None:
    """`today`, `all`, or a number of m, h, d or w; None where it is none of them. Days and weeks are whole ones.

    `7d` is today and the six days before.
    """
    if text == "all":
        return Period(text, "all time", None)
    if text == "today":
        return Period(text, text, _midnight(_day(now)))
    found = re.fullmatch(r"([1-9]\d{0,4})([mhdw])", text)
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    label = f"{count} { ({'m': 'minute', 'h': 'hour', 'd': 'day', 'w': 'week'}[unit]) }{'s' * (count > 1)}"
    if unit in "dw":
        days = count * (7 if unit == "w" else 1) - 1
        return Period(text, label, _midnight(_day(now) - timedelta(days)))
    return Period(text, label, now - count * UNITS[unit])


def parts_of(since: float, now: float) -> tuple[str, Sequence[Part]]:
    """What the parts are called (`hour`, `day`, `week`, `month`), and the parts themselves, the last one with `now`."""
    first, last = _day(since), _day(now)
    days = (last - first).days + 1
    if days <= FINE and now - since <= FINE * 86400:
        return "hour", _hours(since, now)
    if days <= DAYS:
        return "day", [_part(first + timedelta(n), first + timedelta(n + 1)) for n in range(days)]
    if days <= WEEKS:
        monday = first - timedelta(first.weekday())
        weeks = [monday + timedelta(7 * n) for n in range(((last - monday).days // 7) + 1)]
        return "week", [_part(day, day + timedelta(7)) for day in weeks]
    months = [first.replace(day=1)]
    while (after := (months[-1] + timedelta(31)).replace(day=1)) <= last:
        months.append(after)
    return "month", [_part(day, (day + timedelta(31)).replace(day=1), "%Y-%m") for day in months]


def _hours(since: float, now: float) -> list[Part]:
    hour = datetime.fromtimestamp(since).replace(minute=0, second=0, microsecond=0).timestamp()
    parts = []
    while hour <= now:
        parts.append(Part(hour, hour + 3600, datetime.fromtimestamp(hour).strftime("%H:%M")))
        hour += 3600
    return parts


def _part(first: date, after: date, form: str = "%m-%d") -> Part:
    return Part(_midnight(first), _midnight(after), first.strftime(form))


def _day(at: float) -> date:
    return datetime.fromtimestamp(at).date()


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day).timestamp()
