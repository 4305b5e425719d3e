"""What a schedule's slots are in the nights that clocks are changed, and what is done about those that were missed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from workflows.definition.schedules import read_time
from workflows.unattended.slots import allowed, due, following, moment
from workflows.unattended.values import Schedule

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp()


def shown(line: str, zone: str, after: str, number: int) -> list[str]:
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone)).timestamp()
    found = following(Schedule("a", "w", cron=line, timezone=zone), start, number)
    return [datetime.fromtimestamp(slot, ZoneInfo(zone)).strftime("%d %H:%M%z") for slot in found]


def test_what_clocks_leap_over_is_due_in_the_moment_of_the_leap_once() -> None:
    assert shown("0,30 2 * * *", "Europe/Madrid", "2026-03-28T12:00", 3) == [
        "29 03:00+0200",
        "30 02:00+0200",
        "30 02:30+0200",
    ]


def test_a_time_of_the_day_that_comes_twice_is_due_once() -> None:
    assert shown("30 2 * * *", "Europe/Madrid", "2026-10-24T12:00", 2) == ["25 02:30+0200", "26 02:30+0100"]


def test_a_line_that_goes_by_time_is_due_in_both_hours() -> None:
    assert shown("30 * * * *", "Europe/Madrid", "2026-10-25T01:59", 3) == [
        "25 02:30+0200",
        "25 02:30+0100",
        "25 03:30+0100",
    ]


def test_nothing_is_lost_where_clocks_are_put_back_by_half_an_hour() -> None:
    assert shown("*/10 2 * * *", "Australia/Lord_Howe", "2026-04-05T01:00", 2) == ["05 02:00+1030", "05 02:10+1030"]


def test_a_midnight_that_there_is_not() -> None:
    assert shown("@daily", "Africa/Cairo", "2026-04-23T12:00", 2) == ["24 01:00+0300", "25 00:00+0300"]


def test_a_leap_day_is_found() -> None:
    assert shown("0 0 29 2 *", "UTC", "2026-01-01", 1) == ["29 00:00+0000"]


def test_a_single_time_is_due_once() -> None:
    schedule = Schedule("a", "w", at=NOW)
    assert following(schedule, NOW - 1) == (NOW,)
    assert following(schedule, NOW) == ()


def test_a_time_on_a_wall() -> None:
    assert moment(read_time("2026-03-29 02:30"), "Europe/Madrid") == datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()
    assert (
        moment(read_time("2026-10-25 02:30"), "Europe/Madrid") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    )
    assert moment(read_time("2026-06-01T14:00+02:00"), "Asia/Tokyo") == NOW


@pytest.mark.parametrize(
    ("missed", "started"), [("skip", []), ("latest", [0]), ("all:3", [20, 10, 0]), ("all", [*range(990, -1, -10)])]
)
def test_years_that_nobody_was_there_cost_no_more_than_what_is_started(missed: str, started: list[int]) -> None:
    schedule = Schedule("a", "w", cron="*/10 * * * *", missed=missed)
    found = due(schedule, NOW - 20 * 365 * 86400, NOW + 120)
    assert [(NOW - slot) / 60 for slot in found.start] == started
    assert found.left == NOW - 600 * len(started)


@pytest.mark.parametrize("wrong", ["", "never", "latest:2", "all:x", "5"])
def test_what_is_no_policy_says_so(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"skip, latest|invalid literal"):
        allowed(wrong)


def test_no_interval_is_too_short_to_be_walked() -> None:
    schedule = Schedule("a", "w", every=1e-9, missed="all")
    assert len(due(schedule, 0.0, NOW).start) == 161
