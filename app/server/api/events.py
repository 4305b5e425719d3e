"""What happens in a run, as it happens: its journal as server-sent events, and as pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from pydantic import Field, JsonValue
from starlette.responses import Response, StreamingResponse

from app.present.figures import timestamp
from app.server.api import owning
from app.server.api.operation import Asked, Model, Operation
from app.server.api.paging import Limit
from app.server.api.problems import Problem
from app.server.api.runs import RUN
from app.server.backstage import LOOK_EVERY, Backstage
from workflows.journal.codec import encode
from workflows.journal.port import RunUnknown
from workflows.runs.events import Recorded
from workflows.secrets import hide
from workflows.text import safe_json

HEARTBEAT = 15.0
"""Seconds after which a stream says that it lives, where nothing happens."""

MOST_STREAMS = 200
AT_ONCE = 200
EVENTS = "text/event-stream"


class Event(Model):
    """One event of a run. `seq` counts from 1 without gaps; `body` has the fields of its kind."""

    seq: int
    at: str | None
    event: str
    version: int
    body: dict[str, JsonValue]


class EventPage(Model):
    """Some events, in order. `next` is the `after` of the next page, null at the end of what there is."""

    items: list[Event]
    next: int | None


class EventsAfter(Model):
    """Which events."""

    after: Annotated[int, Field(ge=0, le=2**53, description="Only events with a higher seq.")] = 0
    limit: Limit = 100


class StreamAfter(Model):
    """From where a stream goes on; Last-Event-ID says the same."""

    after: Annotated[int, Field(ge=0, le=2**53, description="Only events with a higher seq.")] = 0


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about events."""

    async def listed(asked: Asked) -> EventPage:
        await owning.own(stage, asked.caller, asked.path["run"])
        try:
            events = await stage.desk.services.store.read(asked.path["run"], after=asked.query.after)
        except RunUnknown:
            if await owning.start_of(stage, asked.path["run"]) is None:
                raise owning.not_there(asked.path["run"]) from None
            events = []
        page = events[: asked.query.limit]
        return EventPage(
            items=[event_answer(recorded) for recorded in page],
            next=page[-1].seq if len(events) > len(page) else None,
        )

    async def stream(asked: Asked) -> Response:
        run_id, last = asked.path["run"], asked.header("last-event-id")
        if await owning.own(stage, asked.caller, run_id) is None and await owning.summary_of(stage, run_id) is None:
            raise owning.not_there(run_id)
        if last and not (last.isascii() and last.isdigit() and len(last) < 16):
            raise Problem(
                *(422, "invalid", "Last-Event-ID is the id of an event of ours.", "Send the last `id:` that came."),
                where="header Last-Event-ID",
            )
        if stage.streams >= MOST_STREAMS:
            raise Problem(
                503, "too-many-streams", "There are too many streams open.", "Close one.", headers={"Retry-After": "5"}
            )
        after = int(last) if last else asked.query.after
        return StreamingResponse(_told(stage, run_id, after), media_type=EVENTS, headers={"X-Accel-Buffering": "no"})

    return (
        Operation(
            *("streamEvents", "GET", f"{RUN}/events", "viewer", "Follow a run: its events as they happen", stream),
            {200: None},
            "events",
            StreamAfter,
            refuses=(404,),
            takes={"Last-Event-ID": "Go on after this event."},
            media=EVENTS,
        ),
        Operation(
            *("listEvents", "GET", f"{RUN}/journal", "viewer", "List the events of a run, in order", listed),
            {200: EventPage},
            "events",
            EventsAfter,
            refuses=(404,),
        ),
    )


def event_answer(recorded: Recorded) -> Event:
    """An event as it is answered: without secrets, and cleaned."""
    body = hide(safe_json(encode(recorded.event)))
    assert isinstance(body, dict)
    body.pop("nonce", None)  # what marks a run's secrets is nobody's business
    return Event(
        seq=recorded.seq,
        at=timestamp(recorded.at),
        event=type(recorded.event).__name__,
        version=recorded.event.version,
        body=body,
    )


async def _told(stage: Backstage, run_id: str, after: int) -> AsyncIterator[str]:
    """The events of a run from there on, until it is over or the server ends."""
    stage.streams += 1
    try:
        silent = stage.clock.monotonic()
        yield "retry: 1000\n\n"
        while not stage.closing.is_set():
            state = None
            try:
                state = await stage.state(run_id)
                events = await stage.desk.services.store.read(run_id, after=after)
            except RunUnknown:
                events = []  # it is queued
            for recorded in events:
                after = recorded.seq
                yield _line(recorded)
            now = stage.clock.monotonic()
            if events:
                silent = now
            if state is not None and state.over and state.seq <= after:
                yield f"event: end\ndata: {json.dumps({'run': run_id, 'status': state.status})}\n\n"
                return
            start = await owning.start_of(stage, run_id) if state is None else None
            if start is not None and start.status in ("skipped", "refused"):
                yield f"event: end\ndata: {json.dumps({'run': run_id, 'status': start.status, 'why': start.why})}\n\n"
                return
            if now - silent >= HEARTBEAT:
                silent = now
                yield ": still here\n\n"
            if not events:
                await stage.happenings.wait(run_id, LOOK_EVERY)
    finally:
        stage.streams -= 1


def _line(recorded: Recorded) -> str:
    answer = event_answer(recorded)
    return f"id: {answer.seq}\nevent: {answer.event}\ndata: {answer.model_dump_json()}\n\n"
