"""Schedules: when published workflows start by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.scheduling import Scheduling, Seen, Wish
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.paging import Paged, cursor_of, read_cursor
from app.server.api.problems import Problem
from app.server.api.runs import Word
from app.server.api.shapes import StartAnswer, start_answer
from app.server.backstage import Backstage
from workflows.text import safe_json

ID = "/api/v1/schedules/{schedule}"
Short = Annotated[str, Field(max_length=200)]


class ScheduleAnswer(Model):
    """A schedule. `next` are its next times; `version` is what runs, empty where nothing is published."""

    id: str
    workflow: str
    cron: str
    every_s: float
    at: str | None
    timezone: str
    parameters: dict[str, JsonValue]
    missed: str
    overlap: Literal["allow", "skip", "queue", "replace"]
    paused: bool
    note: str
    source: Literal["file", "person"]
    by: str
    priority: int
    version: str
    next: list[str]
    last: StartAnswer | None
    last_status: str | None
    count: int
    fault: str


class SchedulePage(Model):
    """Some schedules, by id."""

    items: list[ScheduleAnswer]
    next: str | None


class ScheduleWanted(Model):
    """One of `cron`, `every_s` and `at`, and how."""

    workflow: Word
    cron: Short = ""
    every_s: Annotated[float, Field(ge=0, le=366 * 86400)] = 0.0
    at: Short = ""
    timezone: Short = ""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    missed: Short = "latest"
    overlap: Literal["allow", "skip", "queue", "replace"] = "queue"
    name: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=2_000)] = ""
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    priority: Annotated[int, Field(ge=-100, le=100)] = 0


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about schedules."""

    def scheduling(asked: Asked) -> Scheduling:
        return Scheduling(stage.desk, asked.caller.name)

    async def must_be(asked: Asked) -> str:
        name = asked.path["schedule"]
        if all(each.id != name for each in await stage.standing.schedules()):
            raise Problem(
                *(404, "not-found", f"There is no schedule {name[:100]}."),
                "GET /api/v1/schedules lists them.",
                where="schedule",
            )
        return name

    async def listed(asked: Asked) -> SchedulePage:
        after = read_cursor(asked.query.cursor, str)
        found = [each for each in await scheduling(asked).listed() if not after or each.schedule.id > after[0]]
        page = found[: asked.query.limit]
        more = len(found) > len(page)
        return SchedulePage(
            items=[_answer(each) for each in page], next=cursor_of([page[-1].schedule.id]) if more else None
        )

    async def one(asked: Asked) -> ScheduleAnswer:
        return _answer(await scheduling(asked).show(await must_be(asked)))

    async def added(asked: Asked) -> Answered:
        said = asked.body
        made = await scheduling(asked).add(
            Wish(
                said.workflow,
                cron=said.cron,
                every=said.every_s,
                at=said.at,
                zone=said.timezone,
                parameters=said.parameters,
                missed=said.missed,
                overlap=said.overlap,
                name=said.name,
                note=said.note,
                version=said.version,
                priority=said.priority,
            )
        )
        seen = await scheduling(asked).show(made.id)
        return Answered(_answer(seen), 201, {"Location": f"/api/v1/schedules/{made.id}"})

    def doing(
        do: Callable[[Scheduling, str], Awaitable[object]],
    ) -> Callable[[Asked], Awaitable[ScheduleAnswer]]:
        async def done(asked: Asked) -> ScheduleAnswer:
            name, own = await must_be(asked), scheduling(asked)
            await do(own, name)
            return _answer(await own.show(name))

        return done

    async def removed(asked: Asked) -> ScheduleAnswer:
        name, own = await must_be(asked), scheduling(asked)
        seen = await own.show(name)
        await own.remove(name)
        return _answer(seen)

    async def run_now(asked: Asked) -> StartAnswer:
        start = await scheduling(asked).run_now(await must_be(asked))
        stage.queue.poke()
        return start_answer(start)

    tag, gone = "schedules", (404,)
    return (
        Operation(
            *("listSchedules", "GET", "/api/v1/schedules", "viewer", "List schedules, by id", listed),
            {200: SchedulePage},
            tag,
            Paged,
        ),
        Operation(
            *("addSchedule", "POST", "/api/v1/schedules", "admin", "Start a workflow at certain times", added),
            {201: ScheduleAnswer},
            tag,
            body=ScheduleWanted,
        ),
        Operation(
            *("getSchedule", "GET", ID, "viewer", "Look at a schedule", one),
            {200: ScheduleAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("removeSchedule", "DELETE", ID, "admin", "Remove a schedule; its runs stay", removed),
            {200: ScheduleAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("pauseSchedule", "POST", f"{ID}/pause", "admin", "Let it start nothing"),
            doing(lambda own, name: own.pause(name)),
            {200: ScheduleAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("resumeSchedule", "POST", f"{ID}/resume", "admin", "Let it start again, from now on"),
            doing(lambda own, name: own.resume(name)),
            {200: ScheduleAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("runSchedule", "POST", f"{ID}/run", "admin", "Start one run now, beside its times", run_now),
            {202: StartAnswer},
            tag,
            refuses=gone,
        ),
    )


def _answer(seen: Seen) -> ScheduleAnswer:
    schedule = seen.schedule
    parameters: Any = safe_json(dict(schedule.parameters))
    return ScheduleAnswer(
        id=schedule.id,
        workflow=schedule.workflow,
        cron=schedule.cron,
        every_s=schedule.every,
        at=timestamp(schedule.at),
        timezone=schedule.timezone,
        parameters=parameters,
        missed=schedule.missed,
        overlap=schedule.overlap,
        paused=schedule.paused,
        note=schedule.note,
        source=schedule.source,
        by=schedule.by,
        priority=schedule.priority,
        version=seen.version,
        next=[timestamp(slot) or "" for slot in seen.ahead],
        last=start_answer(seen.last) if seen.last else None,
        last_status=seen.run.status if seen.run else None,
        count=schedule.count,
        fault=seen.fault,
    )
