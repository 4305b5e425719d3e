"""Cron lines mean times: different words for the same times are equal, and what is no line says why."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.definition.schedules import as_interval, length, read_cron


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0 7 * * mon-fri", "0 7 * * 1-5"),
        ("0 7 * * 0", "0 7 * * 7"),
        ("0 7 * * SUN", "0 7 * * sunday"),
        ("*/20 * * * *", "0,20,40 * * * *"),
        ("0 0 1 jan *", "@yearly"),
        ("0 9 * * fri-sun", "0 9 * * 5-7"),
        ("5/10 * * * *", "5,15,25,35,45,55 * * * *"),
    ],
)
def test_the_same_times_are_equal(one: str, other: str) -> None:
    assert read_cron(one) == read_cron(other)


def test_two_days_mean_either_of_them() -> None:
    assert read_cron("0 0 1 * mon") != read_cron("0 0 1-31 * mon")
    assert read_cron("0 0 1 * mon").either


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("60 * * * *", "no minute"),
        ("* * 0 * *", "no day of the month"),
        ("* * * foo *", "'foo' is no month"),
        ("9-5 * * * *", "no minute"),
        ("*/0 * * * *", "no minute"),
        ("1,,2 * * * *", "no minute"),
        ("² * * * *", "no minute"),
    ],
)
def test_what_is_no_line_says_why(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_cron(line)


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("*/10 * * * *", 600.0),
        ("0 * * * *", 3600.0),
        ("0 6 * * *", 86400.0),
        ("0 6 * * 1", None),
        ("0,7 * * * *", None),
    ],
)
def test_an_interval_and_a_line_can_be_the_same(line: str, seconds: float | None) -> None:
    assert as_interval(read_cron(line)) == seconds


@given(st.text(max_size=40))
def test_any_text_is_a_line_or_says_why_not(line: str) -> None:
    with suppress(ValueError):
        assert read_cron(line).minutes


@pytest.mark.parametrize(("seconds", "text"), [(600, "10m"), (90, "90s"), (86400, "1d"), (0.5, "0.5s"), (7200, "2h")])
def test_a_duration_is_written_as_people_do(seconds: float, text: str) -> None:
    assert length(seconds) == text
