"""Starts: what was asked for, whoever asked, and what became of it; the queue is those that are queued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from app.server.api.operation import Asked, Model, Operation
from app.server.api.paging import Paged, page_of, read_cursor
from app.server.api.shapes import StartAnswer, start_answer
from app.server.backstage import Backstage


class WhichStarts(Paged):
    """Which starts. Where only queued ones are asked for they come in the order in which they begin."""

    status: tuple[Literal["queued", "started", "skipped", "refused"], ...] = ()
    workflow: Annotated[str, Field(max_length=200)] = ""
    cause: Annotated[str, Field(max_length=300, description="Such as schedule:nightly, webhook:push, api:ada.")] = ""


class StartPage(Model):
    """Some starts, the newest first."""

    items: list[StartAnswer]
    next: str | None


def operations(stage: Backstage) -> Sequence[Operation]:
    """The one list of them."""

    async def listed(asked: Asked) -> StartPage:
        wanted, after = asked.query, read_cursor(asked.query.cursor, str)
        found = await stage.standing.starts(
            wanted.status,
            wanted.limit + 1,
            after[0] if after else "",
            cause=wanted.cause,
            workflow=wanted.workflow,
            by=asked.caller.name if asked.caller.own else "",
        )
        page, more = page_of(found, wanted.limit, lambda last: [last.key])
        return StartPage(items=[start_answer(each) for each in page], next=more)

    return (
        Operation(
            *("listStarts", "GET", "/api/v1/starts", "viewer", "List what was asked for, newest first", listed),
            {200: StartPage},
            "starts",
            WhichStarts,
        ),
    )
