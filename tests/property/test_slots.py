"""A schedule's slots are those of a slow model that looks at every minute, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.slow_slots import DAY, MINUTE, slow
from workflows.unattended.slots import between, due, following
from workflows.unattended.values import Schedule

ZONES = (
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Cairo",  # at midnight
    "Asia/Beirut",  # at midnight
    "America/Santiago",
    "America/Scoresbysund",
    "Antarctica/Troll",  # by two hours
    "Pacific/Chatham",
    "Asia/Kathmandu",  # never
    "UTC",
)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The days of 2026 and 2027 on which a zone changes its clocks; some day where it never does."""
    days = [datetime(2026, 1, 1, 12, tzinfo=UTC) + number * DAY for number in range(730)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return tuple(day for day, one, other in zip(days, offsets, offsets[1:], strict=False) if one != other) or (
        days[99],
    )


def field(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    return st.one_of(
        st.just("*"),
        st.sampled_from(["*/2", "*/7", "*/20"]),
        number.map(str),
        st.lists(number, min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
    )


lines = st.tuples(
    field(0, 59),
    st.one_of(field(0, 23), field(0, 3)),
    st.just("*") | field(1, 28),
    st.just("*"),
    st.just("*") | field(0, 7),
).map(" ".join)


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime, datetime]:
    zone = draw(st.sampled_from(ZONES))
    after = draw(st.sampled_from(changes(zone))) + draw(st.integers(-1800, 1800)) * MINUTE
    return zone, after, after + draw(st.integers(0, 2000)) * MINUTE


@settings(max_examples=120, deadline=None)
@given(lines, moments())
def test_slots_are_those_of_the_slow_model(line: str, when: tuple[str, datetime, datetime]) -> None:
    zone, after, until = when
    schedule = Schedule("a", "w", cron=line, timezone=zone)
    assert list(between(schedule, after.timestamp(), until.timestamp())) == slow(line, zone, after, until)


@settings(max_examples=60, deadline=None)
@given(lines, moments(), st.lists(st.integers(0, 2000), max_size=6))
def test_each_slot_is_found_once_however_often_one_looks(
    line: str, when: tuple[str, datetime, datetime], looks: list[int]
) -> None:
    zone, after, until = when
    schedule = Schedule("a", "w", cron=line, timezone=zone)
    stops = sorted({min(until, after + look * MINUTE) for look in looks} | {after, until})
    found = [slot for one, other in pairwise(stops) for slot in between(schedule, one.timestamp(), other.timestamp())]
    assert found == list(between(schedule, after.timestamp(), until.timestamp()))


@given(st.floats(1.0, 1e6), st.floats(0, 2e9), st.floats(0, 1e6))
def test_intervals_do_not_drift(every: float, created: float, later: float) -> None:
    schedule = Schedule("a", "w", every=every, created=created)
    after = created + later
    found = following(schedule, after, 4)
    number = round((found[0] - created) / every)
    assert found == tuple(created + (number + n) * every for n in range(4))
    assert after < found[0] <= after + every * 1.001


@settings(deadline=None)
@given(st.sampled_from(["skip", "latest", "all", "all:1", "all:5"]), st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_is_in_time_always_starts_and_what_is_late_by_its_policy(missed: str, gap: int, now: int) -> None:
    schedule = Schedule("a", "w", every=30.0, created=0.0, missed=missed)
    found = due(schedule, float(now), float(now + gap))
    times = list(between(schedule, float(now), float(now + gap)))
    fresh = [slot for slot in times if now + gap - slot <= 60]
    old = [slot for slot in times if slot not in fresh]
    limit = {"skip": 0, "latest": 0 if fresh else 1, "all": 100, "all:1": 1, "all:5": 5}[missed]
    late = old[-limit:] if limit else []
    assert found.start == (*late, *fresh)
    assert found.left == (old[len(old) - len(late) - 1] if len(old) > len(late) else None)
