"""Triggers: what starts a published workflow when something happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.paging import Paged, cursor_of, read_cursor
from app.server.api.problems import Problem
from app.server.api.runs import Word
from app.server.api.shapes import StartAnswer, start_answer
from app.server.backstage import Backstage
from app.triggering import SeenTrigger, Triggering, TriggerWish
from workflows.text import safe_json

ID = "/api/v1/triggers/{trigger}"
Kind = Literal["webhook", "file", "run", "manual"]


class TriggerAnswer(Model):
    """A trigger. `count` is how many starts it asked for; `version` what runs, empty where nothing is published."""

    id: str
    workflow: str
    kind: Kind
    config: dict[str, JsonValue]
    parameters: dict[str, JsonValue]
    paused: bool
    note: str
    by: str
    priority: int
    version: str
    count: int
    last: StartAnswer | None
    last_status: str | None
    at: str | None


class TriggerMade(TriggerAnswer):
    """A new trigger. `secret` is that of a webhook: it is said this once."""

    secret: str


class TriggerPage(Model):
    """Some triggers, by id."""

    items: list[TriggerAnswer]
    next: str | None


class TriggerWanted(Model):
    """`about` is of its kind: files such as `inbox/*.csv`, or a workflow and how it ends such as `build:failed`."""

    workflow: Word
    kind: Kind
    about: Annotated[str, Field(max_length=2_000)] = ""
    give: Annotated[str, Field(max_length=200)] = ""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    name: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=2_000)] = ""
    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    priority: Annotated[int, Field(ge=-100, le=100)] = 0


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about triggers."""

    def triggering(asked: Asked) -> Triggering:
        return Triggering(stage.desk, asked.caller.name)

    async def must_be(asked: Asked) -> str:
        name = asked.path["trigger"]
        if all(each.id != name for each in await stage.standing.triggers()):
            raise Problem(
                *(404, "not-found", f"There is no trigger {name[:100]}."),
                "GET /api/v1/triggers lists them.",
                where="trigger",
            )
        return name

    async def listed(asked: Asked) -> TriggerPage:
        after = read_cursor(asked.query.cursor, str)
        found = [each for each in await triggering(asked).listed() if not after or each.trigger.id > after[0]]
        page = found[: asked.query.limit]
        more = len(found) > len(page)
        return TriggerPage(
            items=[_answer(each) for each in page], next=cursor_of([page[-1].trigger.id]) if more else None
        )

    async def one(asked: Asked) -> TriggerAnswer:
        return _answer(await triggering(asked).show(await must_be(asked)))

    async def added(asked: Asked) -> Answered:
        said = asked.body
        wish = TriggerWish(
            said.workflow,
            said.kind,
            about=said.about,
            parameters=said.parameters,
            give=said.give,
            name=said.name,
            note=said.note,
            version=said.version,
            priority=said.priority,
        )
        made, secret = await triggering(asked).add(wish)
        seen = _answer(await triggering(asked).show(made.id))
        where = {"Location": f"/api/v1/triggers/{made.id}"}
        return Answered(TriggerMade(**seen.model_dump(), secret=secret), 201, where)

    def doing(do: Callable[[Triggering, str], Awaitable[object]]) -> Callable[[Asked], Awaitable[TriggerAnswer]]:
        async def done(asked: Asked) -> TriggerAnswer:
            name, own = await must_be(asked), triggering(asked)
            await do(own, name)
            return _answer(await own.show(name))

        return done

    async def removed(asked: Asked) -> TriggerAnswer:
        name, own = await must_be(asked), triggering(asked)
        seen = await own.show(name)
        await own.remove(name)
        return _answer(seen)

    async def fired(asked: Asked) -> StartAnswer:
        start = await triggering(asked).fire(await must_be(asked))
        stage.queue.poke()
        return start_answer(start)

    tag, gone = "triggers", (404,)
    return (
        Operation(
            *("listTriggers", "GET", "/api/v1/triggers", "viewer", "List triggers, by id", listed),
            {200: TriggerPage},
            tag,
            Paged,
        ),
        Operation(
            *("addTrigger", "POST", "/api/v1/triggers", "admin", "Start a workflow when something happens", added),
            {201: TriggerMade},
            tag,
            body=TriggerWanted,
        ),
        Operation(
            *("getTrigger", "GET", ID, "viewer", "Look at a trigger", one),
            {200: TriggerAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("removeTrigger", "DELETE", ID, "admin", "Remove a trigger; its runs stay", removed),
            {200: TriggerAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("pauseTrigger", "POST", f"{ID}/pause", "admin", "Let it start nothing"),
            doing(lambda own, name: own.pause(name)),
            {200: TriggerAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("resumeTrigger", "POST", f"{ID}/resume", "admin", "Let it start again, from now on"),
            doing(lambda own, name: own.resume(name)),
            {200: TriggerAnswer},
            tag,
            refuses=gone,
        ),
        Operation(
            *("fireTrigger", "POST", f"{ID}/fire", "operator", "Start one run now, as if it had happened", fired),
            {202: StartAnswer},
            tag,
            refuses=gone,
        ),
    )


def _answer(seen: SeenTrigger) -> TriggerAnswer:
    trigger = seen.trigger
    config: Any = safe_json(dict(trigger.config))
    parameters: Any = safe_json(dict(trigger.parameters))
    return TriggerAnswer(
        id=trigger.id,
        workflow=trigger.workflow,
        kind=trigger.kind,
        config=config,
        parameters=parameters,
        paused=trigger.paused,
        note=trigger.note,
        by=trigger.by,
        priority=trigger.priority,
        version=seen.version,
        count=trigger.count,
        last=start_answer(seen.last) if seen.last else None,
        last_status=seen.run.status if seen.run else None,
        at=timestamp(trigger.last),
    )
