"""What is asked of the tables, and the values that the rows become."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from workflows.journal.port import (
    Measured,
    PostedAnswer,
    Query,
    Recovery,
    Request,
    RequestKind,
    Sign,
    Summary,
    Try,
    Waiting,
)
from workflows.journal.sqlite.rows import SUMMARY_COLUMNS

_FORKED_FROM = "(SELECT json_extract(body, '$.forked_from') FROM events WHERE run = runs.id AND seq = 1)"
"""Asked of the runs of a page only."""

_MEASURES: Mapping[Measured, str] = {
    "cost": "coalesce(cost_usd, 0)",
    "took": "max(coalesce(finished, updated) - started, 0)",
}
_SIGNS: frozenset[Sign] = frozenset((">", "<", ">=", "<="))


def list_runs(query: Query, living: Sequence[str]) -> tuple[str, list[Any]]:
    """The statement and parameters for a page of runs, each repeated for every entry of its inbox, newest run first.

    A run that says it goes on by itself (it runs, is queued, or waits for no person but for time), and whose owner is
    not one of the `living`, is interrupted.
    """
    marks = ", ".join("?" * len(living))
    alive = f"holder IN ({marks})"
    asks = "EXISTS (SELECT 1 FROM inbox WHERE inbox.run = runs.id)"
    goes_on = f"(status IN ('running', 'pending') OR status = 'waiting' AND NOT {asks})"
    status = f"CASE WHEN {goes_on} AND NOT {alive} THEN 'interrupted' ELSE status END"
    where, values = _conditions(query, status, living)
    columns = ", ".join(name for name in SUMMARY_COLUMNS if name != "status")
    statement = f"""
        SELECT page.*, entry, step, reason, inbox.title, asked, choices FROM (
            SELECT id, run_id, {columns}, {status} AS status,
                CASE WHEN {alive} THEN owner ELSE '' END AS owner, holder, {_FORKED_FROM} AS forked_from
            FROM runs WHERE {where} ORDER BY started DESC, id DESC LIMIT ? OFFSET ?
        ) AS page LEFT JOIN inbox ON inbox.run = page.id ORDER BY page.started DESC, page.id DESC, place
    """  # noqa: S608  # column names of ours; every value is bound
    return statement, [*living, *living, *values, query.limit, query.offset]


def _conditions(query: Query, status: str, living: Sequence[str]) -> tuple[str, list[Any]]:
    where, values = ["1"], list[Any]()
    if query.status:
        where.append(f"{status} IN ({', '.join('?' * len(query.status))})")
        values += [*living, *query.status]
    if query.workflow:
        where.append("workflow = ?")
        values.append(query.workflow)
    if query.text:
        where.append("instr(casefold(run_id || char(10) || workflow || char(10) || title), ?)")
        values.append(query.text.casefold())
    if query.since is not None:
        where.append("started >= ?")
        values.append(query.since)
    if query.named:
        where.append("instr(casefold(workflow), ?)")
        values.append(query.named.casefold())
    if query.until is not None:
        where.append("started < ?")
        values.append(query.until)
    for bound in query.bounds:
        assert bound.sign in _SIGNS  # it becomes a part of the statement
        where.append(f"{_MEASURES[bound.what]} {bound.sign} ?")
        values.append(bound.value)
    for column, value in (("version", query.version), ("cause", query.cause)):
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if query.by:
        where.append('run_id IN (SELECT run_id FROM starts WHERE "by" = ?)')
        values.append(query.by)
    if query.ids:
        where.append(f"run_id IN ({', '.join('?' * len(query.ids))})")
        values += query.ids
    return " AND ".join(where), values


def summaries(rows: Iterable[tuple[Any, ...]], heard: Mapping[str, float]) -> list[Summary]:
    """The runs of list_runs's rows. `heard` is when each living owner last was."""
    names = (
        "id",
        "run_id",
        *(name for name in SUMMARY_COLUMNS if name != "status"),
        "status",
        "owner",
        "holder",
        "forked_from",
    )
    found = []
    for _, group in groupby(rows, lambda row: row[0]):
        lines = list(group)
        values = dict(zip(names, lines[0], strict=False))
        del values["id"]
        values["forked_from"] = values["forked_from"] or ""
        values["heard"] = heard.get(values.pop("holder"))
        for flag in ("cost_known", "simulated"):
            values[flag] = bool(values[flag])
        waiting = (line[len(names) :] for line in lines)
        inbox = tuple(waiting_of(values["run_id"], *entry) for entry in waiting if entry[0] is not None)
        found.append(Summary(**values, inbox=inbox))
    return found


INBOX = """
    SELECT run_id, entry, step, reason, inbox.title, asked, choices
    FROM inbox JOIN runs ON runs.id = inbox.run ORDER BY asked, run_id, place
"""


def waiting_of(run_id: str, entry: str, step: str, reason: str, title: str, asked: float, choices: str) -> Waiting:
    """An entry of the inbox from its row."""
    return Waiting(run_id, entry, step, reason, title, asked, tuple(json.loads(choices)))


ANSWERS = """
    SELECT answers.id, run_id, answers.entry, choice, value, note, by, digest
    FROM runs JOIN answers ON answers.run = runs.id
    JOIN inbox ON inbox.run = runs.id AND inbox.entry = answers.entry
    WHERE run_id = ? ORDER BY answers.id
"""


def answer_of(id: int, run_id: str, entry: str, choice: str, value: str, *rest: str) -> PostedAnswer:  # noqa: A002  # the field's name
    """An answer from its row."""
    return PostedAnswer(id, run_id, entry, choice, json.loads(value), *rest)


REQUESTS = """
    SELECT requests.id, run_id, what, why, by FROM runs JOIN requests ON requests.run = runs.id
    WHERE run_id = ? AND requests.id > ? ORDER BY requests.id
"""
MAIL = "SELECT (SELECT max(id) FROM answers), (SELECT max(id) FROM requests)"


def request_of(id: int, run_id: str, what: RequestKind, why: str, by: str) -> Request:  # noqa: A002  # the field's name
    """A request from its row."""
    return Request(id, run_id, what, why, by)


EXISTS = "SELECT 1 FROM runs WHERE run_id = ?"
EVENTS = """
    SELECT seq, at, type, version, body, blobs FROM events
    WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND seq > ? ORDER BY seq LIMIT ?
"""

RECALL = """
    SELECT run_id, events.seq, events.at, type, events.version, body, blobs
    FROM remembered
    JOIN events ON events.run = remembered.run AND events.seq = remembered.seq
    JOIN runs ON runs.id = remembered.run
    WHERE key = ? AND remembered.at >= ? ORDER BY remembered.at DESC, remembered.run DESC, remembered.seq DESC LIMIT 1
"""

RECOVERIES = """
    SELECT first.failure, next.started - first.finished, next.status
    FROM attempts AS first JOIN attempts AS next ON next.run = first.run AND next.step = first.step AND next.seq = (
        SELECT min(seq) FROM attempts AS later
        WHERE later.run = first.run AND later.step = first.step AND later.seq > first.seq AND later.performer <> ''
    )
    WHERE first.performer = ? AND next.performer = first.performer AND next.digest = first.digest
    AND first.status IN ('failed', 'timed_out') AND first.failure IS NOT NULL AND NOT first.interrupted
    AND next.status IN ('succeeded', 'failed', 'timed_out') AND NOT next.interrupted
    ORDER BY first.started DESC, first.run DESC, first.seq DESC LIMIT ?
"""


TRIES = """
    SELECT started, finished, status FROM attempts
    WHERE performer = ? AND NOT interrupted AND status IN ('succeeded', 'failed', 'timed_out')
    ORDER BY started DESC, run DESC, seq DESC LIMIT ?
"""


def try_of(started: float, finished: float, status: str) -> Try:
    """A try from its row."""
    return Try(started, max(finished - started, 0.0), status == "succeeded")


def recovery_of(failure: str, waited: float, status: str) -> Recovery:
    """A recovery from its row. A clock that was set back in between counts as no wait."""
    return Recovery(json.loads(failure)["kind"], max(waited, 0.0), status == "succeeded")


COUNTS = "SELECT status, count(*) FROM runs GROUP BY status"
NAMED = "SELECT DISTINCT blobs FROM events WHERE blobs IS NOT NULL"
NEWEST = "SELECT run_id FROM runs ORDER BY started DESC, id DESC LIMIT ?"
BEGINNING = "SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?"
DRAFTS = "SELECT id, created, title, text FROM drafts ORDER BY created DESC, id"
