"""New runs, and more events of runs: many at once, with few statements, in the writer's thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from workflows.journal.port import Lease, StoreError, Summary
from workflows.journal.refusals import fenced, out_of_order, taken, unknown
from workflows.journal.sqlite.blobs import Blob
from workflows.journal.sqlite.change import Change, Inboxes, Known
from workflows.journal.sqlite.rows import (
    COLUMNS,
    FIXED,
    MOVING,
    EventRows,
    Other,
    Row,
    ended_row,
    fixed_row,
    inbox_rows,
    moving_row,
    steady,
)
from workflows.records import dataclass

_CREATE = f"""
    INSERT INTO runs ({", ".join((*FIXED, *MOVING))}, run_id, owner, holder, last_seq, epoch)
    VALUES ({"?, " * len((*FIXED, *MOVING))}?, ?, ?, ?, 1) ON CONFLICT (run_id) DO NOTHING
"""  # noqa: S608  # constants, and every value is bound
# A row is found by its id at once. But when a run is deleted, its id may become another's.
_PLACE = "last_seq = ? WHERE id = ? AND run_id = ? AND epoch = ? AND last_seq = ? AND holder <> ''"
_STEP = f"UPDATE runs SET updated = ?, steps_done = ?, {_PLACE}"  # noqa: S608  # the same
_ADVANCE = f"UPDATE runs SET {''.join(f'{each} = ?, ' for each in MOVING)}{_PLACE}"  # noqa: S608  # the same
_END = _ADVANCE.replace(" SET ", " SET owner = '', holder = '', ")
# What is whole has no blobs: a NULL that is written costs nothing, and one that is bound as much as a text.
_OF_EVENT = f"({'?, ' * COLUMNS}NULL)"
_EVENTS = [(many, f"INSERT INTO events VALUES {', '.join([_OF_EVENT] * many)}") for many in (48, 6, 1)]  # noqa: S608
"""One statement for many events takes half of the time. The variables of the longest are as many as any SQLite has."""
_ID = "(SELECT id FROM runs WHERE run_id = ?)"
_OTHERS: Sequence[tuple[Other, str]] = (
    ("apart", f"INSERT INTO events VALUES ({_ID}, ?, ?, ?, ?, ?, ?)"),  # noqa: S608  # the same
    (
        "attempt started",
        f"INSERT INTO attempts (run, step, n, seq, performer, digest, started) VALUES ({_ID}, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # the same
    ),
    ("usage", f"INSERT INTO usage VALUES ({_ID}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),  # noqa: S608  # the same
    ("remembered", f"INSERT INTO remembered VALUES ({_ID}, ?, ?, ?)"),  # noqa: S608  # the same
)
_ENDED = """
    UPDATE attempts SET finished = ?, status = ?, failure = ?, interrupted = ?
    WHERE run = ? AND step = ? AND n = ? AND seq < ? AND status = 'started'
"""
_EMPTY_INBOX = "DELETE FROM inbox WHERE run = ?"
_FILL_INBOX = "INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Conflict(Exception):
    """Some change of several does not fit. Each is tried again by itself, and then says why."""


@dataclass(frozen=True)
class Create(Change[Lease]):
    """A new run."""

    rows: EventRows
    summary: Summary
    owner: str
    holder: str

    @property
    def blobs(self) -> Sequence[Blob]:
        return self.rows.blobs

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Lease:
        return create_all(connection, [self], inboxes)[0]


@dataclass(frozen=True)
class Append(Change[None]):
    """More events of a run; with the `last` of them it has no owner any more."""

    lease: Lease
    rows: EventRows
    summary: Summary
    last: bool = False

    @property
    def size(self) -> int:
        return self.rows.size

    @property
    def blobs(self) -> Sequence[Blob]:
        return self.rows.blobs

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> None:
        append_all(connection, [self], inboxes)


def create_all(connection: sqlite3.Connection, creates: Sequence[Create], inboxes: Inboxes) -> list[Lease]:
    """Several new runs at once. Raises RunTaken."""
    leases: list[Lease] = []
    written: list[tuple[int, EventRows]] = []
    for each in creates:
        run_id, summary = each.rows.run_id, each.summary
        values = (*fixed_row(summary), *moving_row(summary), run_id, each.owner, each.holder, each.rows.last)
        if (number := _inserted(connection.execute(_CREATE, values))) is None:
            raise taken(run_id)
        inboxes[run_id] = Known(1, number, steady(summary), performed=False)
        if summary.inbox:
            connection.executemany(_FILL_INBOX, inbox_rows(number, summary.inbox))
        written.append((number, each.rows))
        leases.append(Lease(run_id, 1))
    _add_events(connection, written, inboxes)
    return leases


def append_all(connection: sqlite3.Connection, appends: Sequence[Append], inboxes: Inboxes) -> None:
    """Several appends at once. Raises Conflict where one of several does not fit, or why the only one does not."""
    moves: list[tuple[str, Row]] = []
    written: list[tuple[int, EventRows]] = []
    waiting: list[tuple[int, Summary]] = []
    for each in appends:
        rows, summary, (run_id, epoch) = each.rows, each.summary, (each.lease.run_id, each.lease.epoch)
        known = _known(connection, each.lease, inboxes)
        if known is None:
            continue  # it is missed below
        place = (rows.last, known.id, run_id, epoch, rows.first - 1)
        now = steady(summary)
        if each.last:
            moves.append((_END, (*moving_row(summary), *place)))
        elif now == known.steady:  # as mostly: the index of what ended is left alone
            moves.append((_STEP, (summary.updated, summary.steps_done, *place)))
        else:
            moves.append((_ADVANCE, (*moving_row(summary), *place)))
        if now != known.steady:
            inboxes[run_id] = known._replace(steady=now)
            if known.steady is None or known.steady[-1] != now[-1]:
                waiting.append((known.id, summary))
        written.append((known.id, rows))
    # No cursor is kept in a variable: an error's traceback would keep it, and it the database, open after closing.
    advanced = sum(
        connection.executemany(statement, [values for _, values in group]).rowcount
        for statement, group in groupby(moves, itemgetter(0))
    )
    if advanced != len(appends):
        raise _objection(connection, appends[0]) if len(appends) == 1 else Conflict()
    _add_events(connection, written, inboxes)
    for number, summary in waiting:
        connection.execute(_EMPTY_INBOX, (number,))
        connection.executemany(_FILL_INBOX, inbox_rows(number, summary.inbox))
    for each in appends:
        if each.last:
            inboxes.pop(each.lease.run_id, None)


def _inserted(cursor: sqlite3.Cursor) -> int | None:
    return cursor.lastrowid if cursor.rowcount else None


def _known(connection: sqlite3.Connection, lease: Lease, inboxes: Inboxes) -> Known | None:
    """What is known of the run in the lease's epoch; None where there is no such run."""
    known = inboxes.get(lease.run_id)
    if known is None or known.epoch != lease.epoch:
        row = connection.execute("SELECT id FROM runs WHERE run_id = ?", (lease.run_id,)).fetchone()
        if row is None:
            return None
        known = inboxes[lease.run_id] = Known(lease.epoch, row[0])
    return known


def _add_events(connection: sqlite3.Connection, written: Sequence[tuple[int, EventRows]], inboxes: Inboxes) -> None:
    """Add these rows, of runs that are known, to the runs with these ids."""
    values: list[object] = []
    for number, rows in written:
        rows.events[::COLUMNS] = [number] * (len(rows.events) // COLUMNS)
        values += rows.events
    start = 0
    for many, statement in _EVENTS:
        while start + many * COLUMNS <= len(values):
            connection.execute(statement, values[start : start + many * COLUMNS])
            start += many * COLUMNS
    if more := [rows.others for _, rows in written if rows.others]:
        for other, statement in _OTHERS:
            if found := [row for others in more for row in others.get(other, ())]:
                connection.executemany(statement, found)
    if ended := [row for number, rows in written if rows.ends or rows.others for row in _ended(number, rows, inboxes)]:
        connection.executemany(_ENDED, ended)


def _ended(number: int, rows: EventRows, inboxes: Inboxes) -> list[Row]:
    """What becomes of the rows of attempts. Those that nobody in particular makes have none."""
    known = inboxes[rows.run_id]
    if "attempt started" in rows.others and not known.performed:
        known = inboxes[rows.run_id] = known._replace(performed=True)
    return [ended_row(number, one) for one in rows.ends] if known.performed else []


def _objection(connection: sqlite3.Connection, append: Append) -> StoreError:
    run_id = append.lease.run_id
    query = "SELECT epoch, owner, holder, last_seq FROM runs WHERE run_id = ?"
    row = connection.execute(query, (run_id,)).fetchone()
    if row is None:
        return unknown(run_id)
    epoch, owner, holder, last = row
    if epoch != append.lease.epoch or not holder:
        return fenced(run_id, owner)
    return out_of_order(run_id, append.rows.first, last)
