"""Triggers: what starts a published workflow when something happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.server.api.operation import Answered, Asked, Model, Operation
from app.server.api.runs import Word
from app.server.api.shapes import StartAnswer, start_answer
from app.server.api.shelf import Shelf
from app.server.backstage import Backstage
from app.triggering import SeenTrigger, Triggering, TriggerWish
from workflows.text import safe_json

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

    async def ids() -> list[str]:
        return [each.id for each in await stage.standing.triggers()]

    shelf = Shelf("trigger", ids, triggering, lambda seen: seen.trigger.id, _answer, TriggerAnswer, TriggerPage)

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
        where = {"Location": f"{shelf.path}/{made.id}"}
        return Answered(TriggerMade(**seen.model_dump(), secret=secret), 201, where)

    async def fired(asked: Asked) -> StartAnswer:
        start = await triggering(asked).fire(await shelf.named(asked))
        stage.queue.poke()
        return start_answer(start)

    return (
        *shelf.operations(),
        Operation(
            *("addTrigger", "POST", shelf.path, "admin", "Start a workflow when something happens", added),
            {201: TriggerMade},
            "triggers",
            body=TriggerWanted,
        ),
        Operation(
            *(
                "fireTrigger",
                "POST",
                f"{shelf.one}/fire",
                "operator",
                "Start one run now, as if it had happened",
                fired,
            ),
            {202: StartAnswer},
            "triggers",
            refuses=(404,),
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
