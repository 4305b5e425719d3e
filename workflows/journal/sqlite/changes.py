"""What can be written: each change wholly or not at all, in the writer's thread, within its transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workflows.journal.codec import text_of
from workflows.journal.port import Lease, PostedAnswer, Request
from workflows.journal.refusals import answered, not_waiting, owned, unknown
from workflows.journal.sqlite.additions import Append, Create, append_all, create_all
from workflows.journal.sqlite.blobs import Blobs
from workflows.journal.sqlite.change import Change, Inboxes
from workflows.journal.sqlite.owners import Owners
from workflows.journal.sqlite.rows import clean
from workflows.records import dataclass

if TYPE_CHECKING:
    from workflows.journal.drafts import Draft


def apply_all(connection: sqlite3.Connection, changes: Sequence[Change[Any]], inboxes: Inboxes) -> list[Any]:
    """Apply the changes in order and give their results, neighbours of a kind with one statement of each kind."""
    results: list[Any] = []
    for kind, group in groupby(changes, type):
        if kind is Append:
            appends = [each for each in group if isinstance(each, Append)]
            append_all(connection, appends, inboxes)
            results.extend(None for _ in appends)
        elif kind is Create:
            results += create_all(connection, [each for each in group if isinstance(each, Create)], inboxes)
        else:
            results.extend(each.apply(connection, inboxes) for each in group)
    return results


_GIVE_UP = "UPDATE runs SET owner = '', holder = '' WHERE run_id = ? AND epoch = ?"
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
        connection.execute(_GIVE_UP, (self.lease.run_id, self.lease.epoch))
        inboxes.pop(self.lease.run_id, None)


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
