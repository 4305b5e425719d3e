"""What waits for people, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, JsonValue

from app.present.figures import timestamp
from app.present.inquiry import inquiry_document
from app.present.run import waiting_cards
from app.server.api import owning
from app.server.api.operation import Asked, Model, Operation
from app.server.api.paging import Paged, cursor_of, read_cursor
from app.server.api.problems import Problem
from app.server.api.runs import RUN
from app.server.backstage import Backstage
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, StoreError
from workflows.text import safe_json

OPEN = ("pending", "running", "waiting", "paused", "interrupted")
MOST = 10_000
"""Runs of one user that are looked at: those that are not over."""


class InboxLine(Model):
    """One thing that waits for a person."""

    run: str
    entry: str
    step: str
    reason: str
    title: str
    asked: str | None
    choices: list[str]


class InboxPage(Model):
    """What waits, the oldest first."""

    items: list[InboxLine]
    next: str | None


class Choice(Model):
    """What can be answered, what that leads to, and the command that does the same."""

    choice: str
    leads_to: str
    command: str


class InquiryAnswer(Model):
    """One thing that waits, whole. `digest` is of exactly what is shown here: send it back with a yes."""

    entry: str
    step: str
    reason: str
    title: str
    who: str
    facts: dict[str, str]
    body: str
    digest: str
    choices: list[Choice]
    command: str


class Inquiries(Model):
    """All that waits in a run."""

    items: list[InquiryAnswer]


class AnswerWanted(Model):
    """An answer. `digest` is of what was shown: a yes to something else than that is refused."""

    choice: Annotated[str, Field(min_length=1, max_length=200)]
    value: JsonValue = None
    note: Annotated[str, Field(max_length=10_000)] = ""
    digest: Annotated[str, Field(max_length=200)] = ""


class AnswerTaken(Model):
    """The answer is kept. `taken`: a living process has the run, and takes it."""

    run: str
    entry: str
    choice: str
    taken: bool


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about the inbox."""

    async def listed(asked: Asked) -> InboxPage:
        after = read_cursor(asked.query.cursor, str, str)
        waiting = await stage.desk.inbox()
        if asked.caller.own:
            own = {run.run_id for run in await stage.desk.runs(Query(by=asked.caller.name, limit=MOST, status=OPEN))}
            waiting = [each for each in waiting if each.run_id in own]
        keys = [(each.run_id, each.entry) for each in waiting]
        begin = keys.index(after) + 1 if after in keys else 0
        page = waiting[begin : begin + asked.query.limit]
        more = begin + len(page) < len(waiting)
        return InboxPage(
            items=[
                InboxLine(
                    run=each.run_id,
                    entry=each.entry,
                    step=each.step,
                    reason=each.reason,
                    title=each.title,
                    asked=timestamp(each.asked),
                    choices=list(each.choices),
                )
                for each in page
            ],
            next=cursor_of([page[-1].run_id, page[-1].entry]) if page and more else None,
        )

    async def of_run(asked: Asked) -> Inquiries:
        run_id = asked.path["run"]
        await owning.own(stage, asked.caller, run_id)
        if await owning.summary_of(stage, run_id) is None:
            if await owning.start_of(stage, run_id) is None:
                raise owning.not_there(run_id)
            return Inquiries(items=[])
        documents: Any = safe_json([inquiry_document(card) for card in waiting_cards(await stage.state(run_id))])
        return Inquiries(items=[InquiryAnswer(**each) for each in documents])

    async def answered(asked: Asked) -> AnswerTaken:
        run_id, entry, said = asked.path["run"], asked.path["entry"], asked.body
        await owning.own(stage, asked.caller, run_id)
        if await owning.summary_of(stage, run_id) is None:
            raise owning.not_there(run_id)
        inquiry = (await stage.state(run_id)).inquiries.get(entry)
        if said.digest and inquiry is not None and inquiry.asked.digest != said.digest:
            raise Problem(
                *(409, "conflict", "What waits is not what was shown under this digest."),
                f"Look again: GET /api/v1/runs/{run_id}/inbox.",
                where="body.digest",
            )
        desk = await stage.queue.desk_of_run(run_id)
        try:
            taken = await desk.answer(
                *(run_id, entry, said.choice, said.value, said.note), by=asked.caller.name, digest=said.digest
            )
        except StoreError:
            raise
        except UnderstudyError as error:
            raise Problem(409, "conflict", error.message, error.hint) from None
        if not taken:
            taken = await stage.queue.go_on_with(run_id)
        return AnswerTaken(run=run_id, entry=entry, choice=said.choice, taken=taken)

    return (
        Operation(
            *("listInbox", "GET", "/api/v1/inbox", "viewer", "List what waits for a person, in all runs", listed),
            {200: InboxPage},
            "inbox",
            Paged,
        ),
        Operation(
            *("getInbox", "GET", f"{RUN}/inbox", "viewer", "Show whole what waits in a run", of_run),
            {200: Inquiries},
            "inbox",
            refuses=(404,),
        ),
        Operation(
            *("answer", "POST", f"{RUN}/inbox/{{entry}}/answers", "operator", "Answer what waits", answered),
            {202: AnswerTaken},
            "inbox",
            body=AnswerWanted,
            refuses=(404, 409),
        ),
    )
