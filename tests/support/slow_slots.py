"""A slow model of cron: every minute is looked at. All it shares with what it judges is how a line is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from workflows.definition.schedules import Cron, read_cron

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def fits(cron: Cron, wall: datetime) -> bool:
    day, weekday = wall.day in cron.days, (wall.weekday() + 1) % 7 in cron.weekdays
    return (
        wall.minute in cron.minutes
        and wall.hour in cron.hours
        and wall.month in cron.months
        and ((day or weekday) if cron.either else (day and weekday))
    )


def slow(line: str, zone: str, after: datetime, until: datetime) -> list[float]:
    """Every minute is looked at, from a day before on. `*` goes by each; a time by what is new on the wall."""
    cron, found = read_cron(line), []
    goes_by_time = any(field.startswith("*") for field in line.split()[:2])
    moment = after.replace(second=0) - DAY
    newest = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while moment <= until:
        wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if goes_by_time:
            is_due = fits(cron, wall)
        else:
            is_due = any(fits(cron, newest + (n + 1) * MINUTE) for n in range((wall - newest) // MINUTE))
        newest = max(newest, wall)
        if is_due and moment > after:
            found.append(moment.timestamp())
        moment += MINUTE
    return found
