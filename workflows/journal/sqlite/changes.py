"""What can be written: each change wholly or not at all, in the writer's thread, within its transaction."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from workflows.journal.codec import text_of
from workflows.journal.drafts import Draft
from workflows.journal.port import Lease, PostedAnswer, Request, StoreError, Summary, Waiting
from workflows.journal.refusals import answered, fenced, not_waiting, out_of_order, owned, taken, unknown
from workflows.journal.sqlite.blobs import Blob, Blobs
from workflows.journal.sqlite.owners import Owners
from workflows.journal.sqlite.rows import EventRows, Other, Row, clean, fixed_row, inbox_rows, moving_row
from workflows.records import dataclass

T_co = TypeVar("T_co", covariant=True)


class Known(NamedTuple):
    """What this process knows of a run that it owns: in which epoch, what is in the inbox table, and whether any of
    the run's attempts has a row: the end of one that has none need not be looked for."""

    epoch: int
    inbox: tuple[Waiting, ...] = ()
    performed: bool = True


Inboxes: TypeAlias = dict[str, Known]
"""By run. A transaction that is rolled back takes all of it away."""


class Change(ABC, Generic[T_co]):
    """One thing to write."""

    @property
    def size(self) -> int:
        """About how many bytes it adds."""
        return 256

    @property
    def blobs(self) -> Sequence[Blob]:
        """What must be durable before it is written."""
        return ()

    @abstractmethod
    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> T_co:
        """Write it, in a transaction that is rolled back if this raises. Raises StoreError, sqlite3.Error, OSError."""


class Conflict(Exception):
    """Some change of several does not fit. Each is tried again by itself, and then says why."""


def apply_all(connection: sqlite3.Connection, changes: Sequence[Change[Any]], inboxes: Inboxes) -> list[Any]:
    """Apply the changes in order and give their results, neighbouring appends with one statement of each kind."""
    results: list[Any] = []
    for kind, group in groupby(changes, type):
        if kind is Append:
            appends = [each for each in group if isinstance(each, Append)]
            append_all(connection, appends, inboxes)
            results.extend(None for _ in appends)
        else:
            results.extend(each.apply(connection, inboxes) for each in group)
    return results


_CREATE = """
    INSERT INTO runs (
        workflow, started, root, version, cause,
        title, status, updated, finished, steps_done, steps_total, steps_failed,
        tokens_in, tokens_out, cost_usd, cost_known, simulated, run_id, owner, holder, last_seq, epoch
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (run_id) DO NOTHING
"""
_ADVANCE = """
    UPDATE runs SET
        title = ?, status = ?, updated = ?, finished = ?, steps_done = ?, steps_total = ?, steps_failed = ?,
        tokens_in = ?, tokens_out = ?, cost_usd = ?, cost_known = ?, simulated = ?, last_seq = ?
    WHERE run_id = ? AND epoch = ? AND last_seq = ? AND holder <> ''
"""
_GIVE_UP = "UPDATE runs SET owner = '', holder = '' WHERE run_id = ? AND epoch = ?"
# What is whole has no blobs: a NULL that is written costs nothing, and one that is bound as much as a text.
_OF_EVENT = "((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, NULL)"
_EVENT = f"INSERT INTO events VALUES {_OF_EVENT}"  # noqa: S608  # a constant, and every value is bound
_APART = "INSERT INTO events VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, ?)"
_EVENTS_AT_ONCE = 32
_EVENTS = _EVENT + f", {_OF_EVENT}" * (_EVENTS_AT_ONCE - 1)
_ATTEMPT = """
    INSERT INTO attempts (run, step, n, seq, performer, digest, started)
    VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, ?)
"""
_ATTEMPT_OVER = """
    UPDATE attempts SET finished = ?, status = ?, failure = ?, interrupted = ?
    WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND step = ? AND n = ? AND seq < ? AND status = 'started'
"""
_USAGE = "INSERT INTO usage VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REMEMBER = "INSERT INTO remembered VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?)"
_OTHERS: Sequence[tuple[Other, str]] = (
    ("apart", _APART),
    ("attempt started", _ATTEMPT),
    ("attempt finished", _ATTEMPT_OVER),
    ("usage", _USAGE),
    ("remembered", _REMEMBER),
)
_EMPTY_INBOX = "DELETE FROM inbox WHERE run = (SELECT id FROM runs WHERE run_id = ?)"
_FILL_INBOX = "INSERT INTO inbox VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, ?, ?)"
_IS_WAITING = "SELECT 1 FROM inbox WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND entry = ?"
_LEFT = """
    SELECT choice, by FROM answers
    WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND entry = ? ORDER BY id LIMIT 1
"""
_ANSWER = """
    INSERT INTO answers (run, entry, choice, value, note, by, digest)
    VALUES ((SELECT id FROM runs WHERE run_id = ?), ?, ?, ?, ?, ?, ?)
"""
_REQUEST = "INSERT INTO requests (run, what, why, by) SELECT id, ?, ?, ? FROM runs WHERE run_id = ?"
_DRAFT = """
    INSERT INTO drafts VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text
"""


def _add_events(connection: sqlite3.Connection, rows: Iterable[EventRows], inboxes: Inboxes) -> None:
    rows = tuple(rows)
    events = [row for each in rows for row in each.events]
    whole = len(events) - len(events) % _EVENTS_AT_ONCE
    for start in range(0, whole, _EVENTS_AT_ONCE):  # one statement for many takes half of the time
        connection.execute(_EVENTS, [value for row in events[start : start + _EVENTS_AT_ONCE] for value in row])
    connection.executemany(_EVENT, events[whole:])
    more = [others for each in rows if each.others and (others := _known_of(each, inboxes))]
    for other, statement in _OTHERS if more else ():
        if found := [row for others in more for row in others.get(other, ())]:
            connection.executemany(statement, found)


def _known_of(rows: EventRows, inboxes: Inboxes) -> Mapping[Other, Sequence[Row]]:
    """What the events add to other tables. Attempts that nobody in particular makes have no row there."""
    known, others = inboxes.get(rows.run_id), rows.others
    if known is None or known.performed:
        return others
    if "attempt started" in others:
        inboxes[rows.run_id] = known._replace(performed=True)
        return others
    return {other: found for other, found in others.items() if other != "attempt finished"}


def _replace_inbox(connection: sqlite3.Connection, lease: Lease, inbox: tuple[Waiting, ...], inboxes: Inboxes) -> None:
    known = inboxes.get(lease.run_id)
    if known is not None and known.epoch == lease.epoch and known.inbox == inbox:
        return
    connection.execute(_EMPTY_INBOX, (lease.run_id,))
    connection.executemany(_FILL_INBOX, inbox_rows(lease.run_id, inbox))
    inboxes[lease.run_id] = (
        Known(lease.epoch, inbox) if known is None else known._replace(epoch=lease.epoch, inbox=inbox)
    )


def _give_up(connection: sqlite3.Connection, leases: Sequence[Lease], inboxes: Inboxes) -> None:
    if leases:
        connection.executemany(_GIVE_UP, [(lease.run_id, lease.epoch) for lease in leases])
    for lease in leases:
        inboxes.pop(lease.run_id, None)


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
        run_id = self.rows.run_id
        values = (*fixed_row(self.summary), *moving_row(self.summary), run_id, self.owner, self.holder, self.rows.last)
        if connection.execute(_CREATE, values).rowcount == 0:
            raise taken(run_id)
        lease = Lease(run_id, 1)
        inboxes[run_id] = Known(lease.epoch, performed=False)
        _add_events(connection, [self.rows], inboxes)
        _replace_inbox(connection, lease, self.summary.inbox, inboxes)
        return lease


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


def append_all(connection: sqlite3.Connection, appends: Sequence[Append], inboxes: Inboxes) -> None:
    """Several appends at once. Raises Conflict where one of several does not fit, or why the only one does not."""
    # No cursor is kept in a variable: an error's traceback would keep it, and it the database, open after closing.
    advanced = connection.executemany(
        _ADVANCE,
        [
            (
                *moving_row(each.summary),
                *(each.rows.last, each.lease.run_id, each.lease.epoch, each.rows.first - 1),
            )
            for each in appends
        ],
    ).rowcount
    if advanced != len(appends):
        raise _objection(connection, appends[0]) if len(appends) == 1 else Conflict()
    _add_events(connection, [each.rows for each in appends], inboxes)
    for each in appends:
        _replace_inbox(connection, each.lease, each.summary.inbox, inboxes)
    _give_up(connection, [each.lease for each in appends if each.last], inboxes)


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


@dataclass(frozen=True)
class Claim(Change[Lease]):
    """A run's new owner."""

    run_id: str
    owner: str
    holder: str
    owners: Owners

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Lease:
        query = "SELECT epoch, owner, holder FROM runs WHERE run_id = ?"
        row = connection.execute(query, (self.run_id,)).fetchone()
        if row is None:
            raise unknown(self.run_id)
        epoch, owner, holder = row
        if self.owners.alive(holder):
            raise owned(self.run_id, owner)
        change = "UPDATE runs SET owner = ?, holder = ?, epoch = ? WHERE run_id = ?"
        connection.execute(change, (self.owner, self.holder, epoch + 1, self.run_id))
        inboxes.pop(self.run_id, None)  # somebody else may have owned it in between
        return Lease(self.run_id, epoch + 1)


@dataclass(frozen=True)
class Release(Change[None]):
    """A run without an owner."""

    lease: Lease

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> None:
        _give_up(connection, [self.lease], inboxes)


@dataclass(frozen=True)
class Delete(Change[None]):
    """A run that is forgotten, with all that hangs on it."""

    run_id: str
    owners: Owners

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> None:
        query = "SELECT owner, holder FROM runs WHERE run_id = ?"
        row = connection.execute(query, (self.run_id,)).fetchone()
        if row is None:
            raise unknown(self.run_id)
        owner, holder = row
        if self.owners.alive(holder):
            raise owned(self.run_id, owner)
        connection.execute("DELETE FROM runs WHERE run_id = ?", (self.run_id,))
        inboxes.pop(self.run_id, None)


@dataclass(frozen=True)
class Tidy(Change[int]):
    """Contents that no event names any more are removed, but for those that were kept again since."""

    folder: Blobs
    names: frozenset[str]
    before: float

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> int:
        return self.folder.drop(self.names, self.before)


@dataclass(frozen=True)
class Post(Change[PostedAnswer]):
    """An answer for a run's owner."""

    answer: PostedAnswer

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> PostedAnswer:
        answer = self.answer
        if connection.execute(_IS_WAITING, (answer.run_id, answer.entry)).fetchone() is None:
            raise not_waiting(answer.run_id, answer.entry)
        # An entry's name is never used again, so whoever drives the run takes the first answer and no other.
        if (left := connection.execute(_LEFT, (answer.run_id, answer.entry)).fetchone()) is not None:
            raise answered(replace(answer, choice=left[0], by=left[1]))
        value, note, by = text_of(answer.value), clean(answer.note), clean(answer.by)
        values = (answer.run_id, answer.entry, clean(answer.choice), value, note, by, answer.digest)
        number = connection.execute(_ANSWER, values).lastrowid
        assert number is not None
        return replace(answer, id=number)


@dataclass(frozen=True)
class Ask(Change[Request]):
    """A request to a run's owner."""

    request: Request

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Request:
        request = self.request
        values = (request.what, clean(request.why), clean(request.by), request.run_id)
        inserted = connection.execute(_REQUEST, values)
        if inserted.rowcount == 0:
            raise unknown(request.run_id)
        number = inserted.lastrowid
        assert number is not None
        return replace(request, id=number)


@dataclass(frozen=True)
class DropDrafts(Change[int]):
    """Drafts that are older than that."""

    before: float

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> int:
        return connection.execute("DELETE FROM drafts WHERE created < ?", (self.before,)).rowcount


@dataclass(frozen=True)
class SaveDraft(Change[None]):
    """A draft, new or changed."""

    draft: Draft

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> None:
        draft = self.draft
        connection.execute(_DRAFT, (draft.id, draft.created, clean(draft.title), clean(draft.text)))
