"""When a schedule is due: its times (slots) between two instants, and what is done about those that were missed.

Slots are seconds since the epoch (UTC), so a slot is one moment whatever clocks on the wall do. A cron line is
meant in its zone, as Debian's cron takes it where clocks are put on or back:

- a line whose minute or hour begins with `*` goes by time that passes: what a wall clock shows twice is two slots, and
  what it leaps over is none;
- any other names times of the day, and each is one slot: the first of two equal ones, and what is leapt over is due in
  the moment of the leap (as one slot with whatever else is due then).

cronsim walks the calendar; the zone is laid over it here, because cronsim's own walk through a zone loses times where
clocks change by half an hour or at midnight.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from heapq import heappop, heappush
from itertools import count, islice, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from workflows.definition.schedules import NICKNAMES, read_cron
from workflows.unattended.values import Schedule

LATE = 60.0
"""Seconds after which a slot that did not start counts as missed. A loop that is alive is never so late."""

CAP = 100
"""The most missed slots of one schedule that `all` makes up for. The newest are kept."""

SHORTEST = 1.0
"""Seconds: no interval is shorter, whatever a schedule says."""

_CHANGE = timedelta(hours=4)
"""No zone puts its clocks on or back by more, the few that once crossed the date line left out."""


class Due(NamedTuple):
    """What a schedule is to do: the slots to start, and the newest of those that its policy leaves out, if any."""

    start: tuple[float, ...]
    left: float | None = None


def slots(schedule: Schedule, after: float) -> Iterator[float]:
    """The slots later than `after`, in order, without end but for a single time and lines that no day fits.

    An interval counts from when its schedule was made, so slots neither drift nor depend on what was asked before.
    """
    if schedule.at is not None:
        return iter((schedule.at,) if schedule.at > after else ())
    if schedule.cron:
        return _cron(schedule.cron, ZoneInfo(schedule.timezone), after)
    every = max(schedule.every, SHORTEST)
    first = max(1, int((after - schedule.created) // every))
    times = (schedule.created + number * every for number in count(first))
    return (slot for slot in times if slot > after)


def between(schedule: Schedule, after: float, until: float) -> Iterator[float]:
    """The slots later than `after` and not later than `until`."""
    return takewhile(lambda slot: slot <= until, slots(schedule, after))


def following(schedule: Schedule, after: float, number: int = 3) -> tuple[float, ...]:
    """The next slots later than `after`; fewer where there are no more."""
    return tuple(islice(slots(schedule, after), number))


def due(schedule: Schedule, after: float, now: float, late: float = LATE) -> Due:
    """Which of the slots in (after, now] are to start.

    What is not late starts whatever `missed` says. Of what is late, `skip` starts nothing; `latest` the last one, and
    only where nothing that is in time makes up for it; `all` the newest, as many as it allows.
    """
    limit = allowed(schedule.missed)
    reach = late
    while True:  # look back only as far as it takes: there may be years of slots that nobody wants
        times = list(between(schedule, max(after, now - reach), now))
        fresh = [slot for slot in times if now - slot <= late]
        old = times[: len(times) - len(fresh)]
        if now - reach <= after or len(old) > limit:
            break
        reach *= 8
    kept = 0 if schedule.missed == "latest" and fresh else min(limit, len(old))
    split = len(old) - kept
    return Due((*old[split:], *fresh), old[split - 1] if split else None)


def allowed(missed: str) -> int:
    """How many missed slots a policy starts at most. Raises ValueError where it is none."""
    policy, _, number = missed.partition(":")
    known = {"skip": 0, "latest": 1, "all": min(int(number or CAP), CAP)}
    if policy not in known or (number and policy != "all"):
        raise ValueError(f"'{missed}' is not skip, latest, all, or all:5 for the last 5")
    return known[policy]


def moment(time: datetime, zone: str) -> float:
    """When it is that time on the wall clocks of a zone; a time that says its own zone stays in that."""
    if time.tzinfo is not None:
        return time.timestamp()
    return next(instants(iter((time,)), ZoneInfo(zone), named=True)).timestamp()


def stamp(slot: float) -> str:
    """A slot as its key has it: the moment in UTC, to the millisecond where it is no whole second."""
    exact = "seconds" if slot == int(slot) else "milliseconds"
    return datetime.fromtimestamp(slot, UTC).isoformat(timespec=exact).replace("+00:00", "Z")


def instants(times: Iterator[datetime], zone: tzinfo, *, named: bool) -> Iterator[datetime]:
    """The moments (UTC) at which wall clocks of a zone show these times, in order, each once.

    `times` are without a zone and rise. `named`: they are times of the day, each of which is one moment (see above).
    """
    ahead: list[datetime] = []
    last: datetime | None = None
    for time in times:
        for moment in _moments(time, zone, named=named):
            heappush(ahead, moment)
        # What is still to come on the wall is no earlier than this, whatever the clocks do in between.
        settled = (time - _CHANGE).replace(tzinfo=zone).astimezone(UTC)
        while ahead and ahead[0] <= settled:
            moment = heappop(ahead)
            if moment != last:
                yield moment
            last = moment
    while ahead:
        moment = heappop(ahead)
        if moment != last:
            yield moment
        last = moment


def _cron(line: str, zone: tzinfo, after: float) -> Iterator[float]:
    start = datetime.fromtimestamp(after, zone).replace(tzinfo=None, fold=0) - _CHANGE
    for moment in instants(_calendar(line, start), zone, named=_names_times(line)):
        if (slot := moment.timestamp()) > after:
            yield slot


def _calendar(line: str, after: datetime) -> Iterator[datetime]:
    """The times of a cron line on a calendar that knows no zones."""
    cron = read_cron(line)
    minutes, hours, days, months = map(_listed, (cron.minutes, cron.hours, cron.days, cron.months))
    weekdays = _listed(cron.weekdays) if cron.either else "*"
    try:
        for time in CronSim(f"{minutes} {hours} {days} {months} {weekdays}", after):
            if cron.either or (time.weekday() + 1) % 7 in cron.weekdays:
                yield time
    except CronSimError:  # days that none of its months has
        return


def _listed(values: frozenset[int]) -> str:
    return ",".join(map(str, sorted(values)))


def _names_times(line: str) -> bool:
    minute, hour, *_ = NICKNAMES.get(line.strip().lower(), line).split()
    return not (minute.startswith("*") or hour.startswith("*"))


def _moments(time: datetime, zone: tzinfo, *, named: bool) -> list[datetime]:
    first, second = (time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == time:
        return [first] if named or first == second else [first, second]
    return [_leap(second, first, zone)] if named else []


def _leap(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The moment at which a zone's clocks are put on; it lies after `low` and not after `high`."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
