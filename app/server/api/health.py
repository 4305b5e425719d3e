"""Whether the server lives, and whether it can do its work; the document of all calls; what runs came to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue
from starlette.responses import JSONResponse, Response

from app.analytics import gather
from app.present.periods import read_period
from app.present.statistics import statistics_document
from app.server.api.operation import Asked, Model, Operation
from app.server.api.problems import Problem
from app.server.backstage import Backstage
from workflows.journal.port import StoreError


class Live(Model):
    """The server answers. `up_s` is the seconds since it began."""

    status: Literal["live"]
    version: str
    up_s: float


class Ready(Model):
    """The journal can be written, and starts are taken."""

    status: Literal["ready"]
    queued: int
    under_way: int


class Over(Model):
    """Of which stretch of time, and of which workflows."""

    period: Annotated[str, Field(max_length=10, description="today, 12h, 7d, 30d, all and the like")] = "7d"
    workflow: Annotated[str, Field(max_length=200)] = ""


class Figures(Model):
    """What runs came to, as `understudy stats --json` has it."""

    statistics: dict[str, JsonValue]


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about the server itself."""

    async def live(asked: Asked) -> Live:
        return Live(status="live", version=version("understudy"), up_s=round(stage.clock.monotonic() - stage.began, 3))

    async def ready(asked: Asked) -> Ready:
        if stage.closing.is_set():
            raise Problem(503, "closing", "The server is about to end.", "Ask another one, or again in a moment.")
        try:
            queued = await stage.queue.waiting()
        except StoreError as error:
            raise Problem(503, "storage", error.message, error.hint, headers={"Retry-After": "5"}) from None
        return Ready(status="ready", queued=queued, under_way=stage.queue.under_way())

    async def figures(asked: Asked) -> Figures:
        now = stage.clock.now()
        period = read_period(asked.query.period.strip().lower(), now)
        if period is None:
            raise Problem(
                *(422, "invalid", "That is no period."),
                "Try today, 12h, 7d, 30d or all.",
                where="query.period",
            )
        if asked.caller.own:
            raise Problem(
                *(403, "forbidden", "Statistics are of everybody's runs."),
                f"An admin can let you: `understudy user role {asked.caller.name} {asked.caller.role} --sees all`.",
            )
        found = statistics_document(await gather(stage.desk.services.store, period, now, asked.query.workflow))
        assert isinstance(found, dict)
        return Figures(statistics=found)

    return (
        Operation(
            *("live", "GET", "/api/v1/health/live", "viewer", "Whether the server lives", live),
            {200: Live},
            "health",
        ),
        Operation(
            *("ready", "GET", "/api/v1/health/ready", "viewer", "Whether it takes starts and can keep them", ready),
            {200: Ready},
            "health",
        ),
        Operation(
            *("getAnalytics", "GET", "/api/v1/analytics", "viewer", "What runs came to", figures),
            {200: Figures},
            "analytics",
            Over,
        ),
    )


class Anything(Model):
    """Any JSON object."""

    model_config = ConfigDict(extra="allow")


def document_operation(document: list[JsonValue]) -> Operation:
    """The call that gives the document of all calls; it is put in when all are known."""

    async def described(asked: Asked) -> Response:
        return JSONResponse(document[0])

    return Operation(
        *("getDocument", "GET", "/api/v1/openapi.json", "viewer", "This document", described),
        {200: Anything},
        "health",
    )
