"""Schedules as a person makes, looks at and changes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.desk import Desk
from app.proving import must_be_headless
from app.publishing import desk_of
from app.zone import machine_zone
from workflows.definition.parameters import Parameter, bind
from workflows.definition.schedules import CronFault, known_zones, read_cron, read_time
from workflows.diagnostics import Diagnostic, listed, render, suggest
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Summary
from workflows.records import dataclass
from workflows.unattended.slots import SHORTEST, allowed, following, moment
from workflows.unattended.values import Overlap, Schedule, Start, Version, new_run_id, start_for
from workflows.values import Json

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")

NEXT = 3
"""Times ahead that people are shown."""


@dataclass(frozen=True)
class Seen:
    """A schedule as people see it. `ahead` are its next slots, `last` its newest start, `run` what became of that.

    `version` names the one that runs; empty where none is published. `fault` says why it cannot be followed.
    """

    schedule: Schedule
    ahead: tuple[float, ...]
    last: Start | None = None
    run: Summary | None = None
    version: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Wish:
    """What a person wants: one of `cron`, `every` (seconds) and `at`, and how. Nothing is checked yet."""

    workflow: str
    cron: str = ""
    every: float = 0.0
    at: str = ""
    zone: str = ""
    parameters: Mapping[str, Json] | None = None
    missed: str = "latest"
    overlap: Overlap = "queue"
    name: str = ""
    note: str = ""
    version: int = 0
    priority: int = 0


class Scheduling:
    """What can be done with schedules. `by` is who does it."""

    def __init__(self, desk: Desk, by: str) -> None:
        self._desk = desk
        self._by = by
        self._standing = desk.services.standing
        self._clock = desk.services.clock

    @property
    def zone(self) -> str:
        """The time zone of this machine."""
        return machine_zone(self._desk.services.environ)

    def served(self) -> bool:
        """Whether a living server follows schedules and triggers here."""
        from app.server.presence import is_served

        return is_served(self._desk.services.paths.data)

    async def listed(self) -> list[Seen]:
        """All schedules, by id."""
        return [await self._seen(schedule) for schedule in await self._standing.schedules()]

    async def show(self, name: str) -> Seen:
        """One schedule. Raises UnderstudyError with what it may have been."""
        return await self._seen(await self._named(name))

    async def starts(self, name: str, limit: int = 10) -> list[Start]:
        """What it asked for, and what people asked for in its name, newest first."""
        causes = (f"schedule:{name}", f"person:{name}")
        found = [start for cause in causes for start in await self._standing.starts(cause=cause, limit=limit)]
        return sorted(found, key=lambda start: start.at, reverse=True)[:limit]

    async def history(self, name: str, limit: int = 10) -> list[tuple[Start, Summary | None]]:
        """Its newest starts, and the run of each that has one."""
        starts = await self.starts(name, limit)
        found = await self._desk.runs(Query(ids=tuple(start.run_id for start in starts))) if starts else []
        runs = {run.run_id: run for run in found}
        return [(start, runs.get(start.run_id)) for start in starts]

    async def add(self, wish: Wish) -> Schedule:
        """Make a schedule of a published workflow. Raises UnderstudyError, which says what is wrong with it."""
        now, zone = self._clock.now(), self._zone(wish.zone)
        schedule = Schedule(
            free_id(wish.name, wish.workflow, {each.id for each in await self._standing.schedules()}),
            wish.workflow,
            cron=_checked_cron(wish.cron),
            every=wish.every,
            at=_checked_time(wish.at, zone) if wish.at else None,
            timezone=zone,
            missed=wish.missed,
            overlap=wish.overlap,
            note=wish.note,
            created=float(int(now)),
            since=now,
            by=self._by,
            version=wish.version,
            priority=wish.priority,
        )
        if [bool(schedule.cron), bool(schedule.every), schedule.at is not None].count(True) != 1:
            raise UnderstudyError("A schedule has one of a cron line, an interval and a time.", "such as --every 30m")
        if schedule.every and not schedule.every >= SHORTEST:
            raise UnderstudyError("An interval is at least a second.", "such as --every 30m")
        try:
            allowed(wish.missed)
        except ValueError as error:
            raise UnderstudyError(f"--missed: {error}.") from None
        if not following(schedule, now, 1):
            raise UnderstudyError("That time is over: nothing would ever start.", "Give a time that is still to come.")
        parameters = await self._input(wish)
        return await self._standing.put_schedule(replace(schedule, parameters=parameters))

    async def pause(self, name: str) -> Schedule:
        """Let it start nothing until it is resumed. Runs under way go on."""
        return await self._standing.put_schedule(replace(await self._named(name), paused=True))

    async def resume(self, name: str) -> Schedule:
        """Let it start again from now on: what was due meanwhile was not missed."""
        schedule = await self._named(name)
        if not schedule.paused:
            return schedule
        return await self._standing.put_schedule(replace(schedule, paused=False, since=self._clock.now()))

    async def remove(self, name: str) -> Schedule:
        """Forget it. Its runs stay. Raises UnderstudyError for one that the workflow's file keeps."""
        schedule = await self._named(name)
        if schedule.source == "file" and await self._standing.version(schedule.workflow) is not None:
            raise UnderstudyError(
                f"{name} is kept by the file of {schedule.workflow}: it would be back when that is published again.",
                f"Take it out of `schedule:` and `understudy publish {schedule.workflow}`, or "
                f"`understudy schedule pause {name}`.",
            )
        await self._standing.remove_schedule(schedule.id)
        return schedule

    async def run_now(self, name: str) -> Start:
        """Ask for one run with what the schedule gives, beside its times. Raises UnderstudyError."""
        schedule, now, run_id = await self._named(name), self._clock.now(), new_run_id()
        await must_be_published(self._desk, schedule.workflow, schedule.version)
        start = start_for(schedule, f"person:{schedule.id}", run_id, now, by=self._by, run_id=run_id)
        start, _ = await self._standing.ask(start)
        return start

    async def _named(self, name: str) -> Schedule:
        known = {schedule.id: schedule for schedule in await self._standing.schedules()}
        if name not in known:
            hint = suggest(name, known) or "`understudy schedule list` shows what there is."
            raise UnderstudyError(f"There is no schedule '{name}'.", hint[0].upper() + hint[1:])
        return known[name]

    async def _seen(self, schedule: Schedule) -> Seen:
        version = await self._standing.version(schedule.workflow, schedule.version)
        starts = await self.starts(schedule.id, 1)
        runs = await self._desk.runs(Query(ids=(starts[0].run_id,))) if starts else []
        now = self._clock.now()
        try:
            ahead, fault = following(schedule, max(now, schedule.last or 0.0), NEXT), ""
        except (ValueError, KeyError):  # a zone that this machine does not have
            ahead, fault = (), f"this machine knows no time zone {schedule.timezone}"
        return Seen(
            schedule,
            ahead,
            starts[0] if starts else None,
            runs[0] if runs else None,
            version.name if version else "",
            fault,
        )

    def _zone(self, zone: str) -> str:
        if not zone:
            return self.zone
        zones = known_zones()
        if zone not in zones:
            close = suggest(zone, zones)
            hint = close[0].upper() + close[1:] if close else "Such as Europe/Madrid, America/New_York or UTC."
            raise UnderstudyError(f"There is no time zone '{zone}'.", hint)
        return zone

    async def _input(self, wish: Wish) -> Mapping[str, Json]:
        """What its runs are given, checked against what the version takes, which must be proven to wait for nobody."""
        version = await must_be_published(self._desk, wish.workflow, wish.version)
        kept, file = desk_of(self._desk, version)
        must_be_headless(kept, file)
        workflow = self._desk.parse(version.text, Path(version.path or f"{wish.workflow}.yaml")).workflow
        given = dict(wish.parameters or {})
        if workflow is None:
            return given
        return given_to(workflow.parameters, given)


async def must_be_published(desk: Desk, workflow: str, number: int) -> Version:
    """The version that an unattended run gets; 0 is the newest. Raises UnderstudyError."""
    standing = desk.services.standing
    version = await standing.version(workflow, number)
    if version is not None:
        return version
    published = sorted({each.workflow for each in await standing.versions()})
    if number and workflow in published:
        raise UnderstudyError(f"{workflow} has no version {number}.", f"`understudy versions {workflow}` lists them.")
    if (close := suggest(workflow, published)) and workflow not in {file.stem for file in desk.workflows()}:
        hint = f"{close[0].upper()}{close[1:]} Published are {listed(published)}."
    else:
        hint = f"`understudy publish {workflow}` first: what runs alone runs a published version."
    raise UnderstudyError(f"No version of '{workflow}' is published.", hint)


def free_id(name: str, base: str, taken: Collection[str]) -> str:
    """The name, or one made from `base` that is free. Raises UnderstudyError for a name that is taken, or none."""
    if not name:
        base = slug(base)
        return next(each for number in range(1, len(taken) + 2) if (each := _nth(base, number)) not in taken)
    if not NAME.fullmatch(name):
        raise UnderstudyError(f"'{name}' is no name.", "Letters, digits, - and _, at most 60.")
    if name in taken:
        raise UnderstudyError(f"There is one called '{name}' already.", "Take another name, or remove that one first.")
    return name


def given_to(parameters: Sequence[Parameter], given: Mapping[str, Json]) -> dict[str, Json]:
    """What is given, as it is typed there. Raises UnderstudyError for what is unknown, missing or ill-typed."""
    bound = bind(parameters, given)
    return {name: bound[name] for name in given}


def slug(text: str) -> str:
    """A text as an id: what is neither a letter, a digit, `-` nor `_` becomes `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:60] or "schedule"


def _nth(base: str, number: int) -> str:
    return base if number == 1 else f"{base}-{number}"


def _checked_cron(line: str) -> str:
    """The line. Raises UnderstudyError with the line and a caret under what is wrong in it."""
    if not line:
        return ""
    try:
        read_cron(line)
    except CronFault as fault:
        first, end = fault.span
        shown = Diagnostic(
            "error", "wrong-value", f"this is no cron line: {fault}", "", "--cron", 1, first + 1, end + 1, line
        )
        hint = "Minute, hour, day, month, day of the week: '30 7 * * mon-fri' is 7:30 on workdays."
        raise UnderstudyError(render(shown), hint) from None
    return line


def _checked_time(text: str, zone: str) -> float:
    try:
        return moment(read_time(text), zone)
    except ValueError as error:
        raise UnderstudyError(f"'{text}' is no time: {error}.") from None
