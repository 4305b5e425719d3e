"""Schedules: when published workflows start by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.scheduling import Scheduling, Seen, Wish
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.runs import Word
from app.server.api.shapes import StartAnswer, start_answer
from app.server.api.shelf import Shelf
from app.server.backstage import Backstage
from workflows.text import safe_json

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

    async def ids() -> list[str]:
        return [each.id for each in await stage.standing.schedules()]

    shelf = Shelf("schedule", ids, scheduling, lambda seen: seen.schedule.id, _answer, ScheduleAnswer, SchedulePage)

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
        return Answered(_answer(seen), 201, {"Location": f"{shelf.path}/{made.id}"})

    async def run_now(asked: Asked) -> StartAnswer:
        start = await scheduling(asked).run_now(await shelf.named(asked))
        stage.queue.poke()
        return start_answer(start)

    return (
        *shelf.operations(),
        Operation(
            *("addSchedule", "POST", shelf.path, "admin", "Start a workflow at certain times", added),
            {201: ScheduleAnswer},
            "schedules",
            body=ScheduleWanted,
        ),
        Operation(
            *("runSchedule", "POST", f"{shelf.one}/run", "admin", "Start one run now, beside its times", run_now),
            {202: StartAnswer},
            "schedules",
            refuses=(404,),
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
