"""What is written of what stands, each within a transaction of the writer's thread."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from workflows.journal.sqlite.change import Change, Inboxes
from workflows.journal.sqlite.owners import Owners
from workflows.journal.sqlite.standing_rows import (
    ALERTS,
    MEMOS,
    SCHEDULES,
    STARTS,
    TRIGGERS,
    USERS,
    VERSIONS,
)
from workflows.records import dataclass
from workflows.unattended.values import (
    Alert,
    Memo,
    Schedule,
    Start,
    StartStatus,
    Trigger,
    User,
    Version,
    VersionStatus,
    new_run_id,
)


@dataclass(frozen=True)
class Publish(Change[Version]):
    """The next version of a workflow."""

    version: Version

    @property
    def size(self) -> int:
        return 256 + len(self.version.text) + sum(len(child.text) for child in self.version.children)

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Version:
        asked = "SELECT coalesce(max(number), 0) + 1 FROM versions WHERE workflow = ?"
        (number,) = connection.execute(asked, (self.version.workflow,)).fetchone()
        version = replace(self.version, number=number)
        connection.execute(VERSIONS.insert, VERSIONS.row(version))
        return version


@dataclass(frozen=True)
class SetStatus(Change["Version | None"]):
    """A version is archived, or published again."""

    workflow: str
    number: int
    status: VersionStatus

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Version | None:
        named = (self.workflow, self.number)
        connection.execute("UPDATE versions SET status = ? WHERE workflow = ? AND number = ?", (self.status, *named))
        row = connection.execute(f"{VERSIONS.select} WHERE workflow = ? AND number = ?", named).fetchone()
        return VERSIONS.value(row) if row else None


@dataclass(frozen=True)
class PutSchedule(Change[Schedule]):
    """A schedule, new or changed."""

    schedule: Schedule

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Schedule:
        kept = self.schedule
        row = connection.execute(f"{SCHEDULES.select} WHERE id = ?", (kept.id,)).fetchone()
        if row is not None:
            old = SCHEDULES.value(row)
            last = max((each for each in (old.last, kept.last) if each is not None), default=None)
            kept = replace(kept, last=last, count=max(old.count, kept.count), created=old.created)
            connection.execute("DELETE FROM schedules WHERE id = ?", (kept.id,))
        connection.execute(SCHEDULES.insert, SCHEDULES.row(kept))
        return kept


@dataclass(frozen=True)
class PutTrigger(Change[Trigger]):
    """A trigger, new or changed."""

    trigger: Trigger

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> Trigger:
        kept = self.trigger
        row = connection.execute(f"{TRIGGERS.select} WHERE id = ?", (kept.id,)).fetchone()
        if row is not None:
            old = TRIGGERS.value(row)
            last = max((each for each in (old.last, kept.last) if each is not None), default=None)
            kept = replace(kept, last=last, count=max(old.count, kept.count), created=old.created)
            connection.execute("DELETE FROM triggers WHERE id = ?", (kept.id,))
        connection.execute(TRIGGERS.insert, TRIGGERS.row(kept))
        return kept


_OTHER_RUN = "SELECT 1 FROM starts WHERE run_id = ? UNION ALL SELECT 1 FROM runs WHERE run_id = ?"
_COUNT_SCHEDULE = """
    UPDATE schedules SET count = count + 1, last = max(coalesce(last, ?), ?) WHERE 'schedule:' || id = ?
"""
_COUNT_TRIGGER = """
    UPDATE triggers SET count = count + 1, last = max(coalesce(last, ?), ?) WHERE kind || ':' || id = ?
"""


@dataclass(frozen=True)
class AskStart(Change["tuple[Start, bool]"]):
    """A run that is to be, once."""

    start: Start

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> tuple[Start, bool]:
        start = self.start
        row = connection.execute(f"{STARTS.select} WHERE key = ?", (start.key,)).fetchone()
        if row is not None:
            return STARTS.value(row), False
        while connection.execute(_OTHER_RUN, (start.run_id, start.run_id)).fetchone():
            start = replace(start, run_id=new_run_id())
        connection.execute(STARTS.insert, STARTS.row(start))
        connection.execute(_COUNT_SCHEDULE, (start.due, start.due, start.cause))
        connection.execute(_COUNT_TRIGGER, (start.at, start.at, start.cause))
        return start, True


@dataclass(frozen=True)
class TakeStart(Change[bool]):
    """A start that this process begins."""

    key: str
    holder: str
    owners: Owners

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> bool:
        query = "SELECT holder FROM starts WHERE key = ? AND status = 'queued'"
        row = connection.execute(query, (self.key,)).fetchone()
        if row is None or (row[0] not in ("", self.holder) and self.owners.alive(row[0])):
            return False
        connection.execute("UPDATE starts SET holder = ? WHERE key = ?", (self.holder, self.key))
        return True


@dataclass(frozen=True)
class SettleStart(Change[bool]):
    """What became of a start."""

    key: str
    status: StartStatus
    why: str

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> bool:
        query = "UPDATE starts SET status = ?, why = ?, holder = '' WHERE key = ? AND status = 'queued'"
        return connection.execute(query, (self.status, self.why, self.key)).rowcount == 1


@dataclass(frozen=True)
class PutUser(Change[User]):
    """Somebody who may ask the server, new or changed."""

    user: User

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> User:
        kept = self.user
        row = connection.execute("SELECT created FROM users WHERE name = ?", (kept.name,)).fetchone()
        if row is not None:
            kept = replace(kept, created=row[0])
            connection.execute("DELETE FROM users WHERE name = ?", (kept.name,))
        connection.execute(USERS.insert, USERS.row(kept))
        return kept


@dataclass(frozen=True)
class PutAlert(Change[None]):
    """An alert, new or changed."""

    alert: Alert

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> None:
        connection.execute("DELETE FROM alerts WHERE id = ?", (self.alert.id,))
        connection.execute(ALERTS.insert, ALERTS.row(self.alert))


@dataclass(frozen=True)
class Note(Change[bool]):
    """A memo, once."""

    memo: Memo

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> bool:
        return connection.execute(f"{MEMOS.insert} ON CONFLICT (key) DO NOTHING", MEMOS.row(self.memo)).rowcount == 1


@dataclass(frozen=True)
class Remove(Change[bool]):
    """One row is removed, by a statement of ours."""

    statement: str
    key: str

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> bool:
        return connection.execute(self.statement, (self.key,)).rowcount > 0


_FORGET = (
    """
    DELETE FROM starts WHERE status <> 'queued' AND at < ?
    AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = starts.run_id)
    AND NOT EXISTS (SELECT 1 FROM schedules WHERE 'schedule:' || schedules.id = cause AND schedules.last = due)
    """,
    "DELETE FROM alerts WHERE until < ?",
    "DELETE FROM memos WHERE at < ?",
)


@dataclass(frozen=True)
class Forget(Change[int]):
    """What is over and old is removed."""

    before: float

    def apply(self, connection: sqlite3.Connection, inboxes: Inboxes) -> int:
        return sum(connection.execute(statement, (self.before,)).rowcount for statement in _FORGET)
