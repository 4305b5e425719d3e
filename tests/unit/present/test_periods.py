"""Periods are of whole days of here, and drawn in parts that have no gap, also where a day has 23 or 25 hours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from app.present.periods import NAMES, parts_of, read_period


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC).timestamp()
"""Half past three in the afternoon there."""


@pytest.mark.parametrize(
    ("text", "since", "within"),
    [
        ("today", "2026-11-21 00:00", "today"),
        ("1d", "2026-11-21 00:00", "in the last day"),
        ("7d", "2026-11-15 00:00", "in the last 7 days"),
        ("2w", "2026-11-08 00:00", "in the last 2 weeks"),
        ("30d", "2026-10-23 00:00", "in the last 30 days"),
        ("12h", "2026-11-21 03:30", "in the last 12 hours"),
    ],
)
def test_when_a_period_begins(text: str, since: str, within: str) -> None:
    period = read_period(text, NOW)
    assert period is not None
    assert (period.since, period.within) == (at(since), within)


def test_all_time_has_no_beginning() -> None:
    period = read_period("all", NOW)
    assert period is not None
    assert (period.since, period.within) == (None, "")


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1y", "7 d", "123456d", "yesterday"])
def test_what_is_no_period(text: str) -> None:
    assert read_period(text, NOW) is None


def test_screens_offer_periods_that_are_ones() -> None:
    assert all(read_period(name, NOW) for name in NAMES)


@pytest.mark.parametrize(
    ("since", "now", "unit", "count", "first", "last"),
    [
        ("2026-11-21 00:00", "2026-11-21 15:30", "hour", 16, "00:00", "15:00"),
        ("2026-11-21 03:30", "2026-11-21 15:30", "hour", 13, "03:00", "15:00"),
        # The clocks go back: this day has 25 hours. They go forward: that one has 23.
        ("2026-10-25 00:00", "2026-10-25 23:59", "hour", 25, "00:00", "23:00"),
        ("2026-03-29 00:00", "2026-03-29 23:59", "hour", 23, "00:00", "23:00"),
        ("2026-10-23 00:00", "2026-11-21 15:30", "day", 30, "10-23", "11-21"),
        ("2026-08-12 09:00", "2026-11-21 15:30", "week", 15, "08-10", "11-16"),
        ("2025-01-31 09:00", "2026-11-21 15:30", "month", 23, "2025-01", "2026-11"),
        ("2026-11-21 15:30", "2026-11-21 15:30", "hour", 1, "15:00", "15:00"),
    ],
)
def test_parts(since: str, now: str, unit: str, count: int, first: str, last: str) -> None:
    found, parts = parts_of(at(since), at(now))
    assert (found, len(parts), parts[0].label, parts[-1].label) == (unit, count, first, last)
    assert parts[0].start <= at(since)
    assert parts[-1].start <= at(now) < parts[-1].end
    assert all(one.end == other.start for one, other in pairwise(parts))
