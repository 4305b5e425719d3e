"""Versions, schedules, triggers, starts, users and alerts, in the journal's database and by its one writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workflows.journal.sqlite import standing_changes as changes
from workflows.journal.sqlite.owners import Owners
from workflows.journal.sqlite.reader import Reader
from workflows.journal.sqlite.standing_rows import ALERTS, MEMOS, SCHEDULES, STARTS, TRIGGERS, USERS, VERSIONS
from workflows.journal.sqlite.writer import Refusing, Writer
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
)


class SqliteStanding:
    """A `Standing` of the process whose journal this is. `enter` makes it known as alive, and gives its name."""

    def __init__(self, writer: Writer | Refusing, reader: Reader, owners: Owners, enter: Callable[[], str]) -> None:
        self._writer = writer
        self._reader = reader
        self._owners = owners
        self._enter = enter

    async def publish(self, version: Version) -> Version:
        return await self._writer.submit(changes.Publish(version))

    async def set_status(self, workflow: str, number: int, status: VersionStatus) -> Version | None:
        return await self._writer.submit(changes.SetStatus(workflow, number, status))

    async def versions(self, workflow: str = "") -> list[Version]:
        where = "WHERE workflow = ? OR ? = '' ORDER BY workflow, number DESC"
        rows = await self._reader.rows(f"{VERSIONS.select} {where}", (workflow, workflow))
        return [VERSIONS.value(row) for row in rows]

    async def version(self, workflow: str, number: int = 0) -> Version | None:
        where = "WHERE workflow = ? AND (number = ? OR ? = 0 AND status = 'published') ORDER BY number DESC LIMIT 1"
        rows = await self._reader.rows(f"{VERSIONS.select} {where}", (workflow, number, number))
        return VERSIONS.value(rows[0]) if rows else None

    async def put_schedule(self, schedule: Schedule) -> Schedule:
        return await self._writer.submit(changes.PutSchedule(schedule))

    async def schedules(self) -> list[Schedule]:
        return [SCHEDULES.value(row) for row in await self._reader.rows(f"{SCHEDULES.select} ORDER BY id")]

    async def remove_schedule(self, id: str) -> bool:  # noqa: A002  # the field's name
        return await self._writer.submit(changes.Remove("DELETE FROM schedules WHERE id = ?", id))

    async def put_trigger(self, trigger: Trigger) -> Trigger:
        return await self._writer.submit(changes.PutTrigger(trigger))

    async def triggers(self) -> list[Trigger]:
        return [TRIGGERS.value(row) for row in await self._reader.rows(f"{TRIGGERS.select} ORDER BY id")]

    async def remove_trigger(self, id: str) -> bool:  # noqa: A002  # the field's name
        return await self._writer.submit(changes.Remove("DELETE FROM triggers WHERE id = ?", id))

    async def ask(self, start: Start) -> tuple[Start, bool]:
        return await self._writer.submit(changes.AskStart(start))

    async def start_of(self, key: str) -> Start | None:
        rows = await self._reader.rows(f"{STARTS.select} WHERE key = ?", (key,))
        return STARTS.value(rows[0]) if rows else None

    async def starts(
        self,
        status: Sequence[StartStatus] = (),
        limit: int = 100,
        after: str = "",
        *,
        cause: str = "",
        workflow: str = "",
        by: str = "",
        run_ids: Sequence[str] = (),
    ) -> list[Start]:
        in_line = tuple(status) == ("queued",)
        where, values = ["1"], list[Any]()
        for column, wanted in (("status", tuple(status)), ("run_id", tuple(run_ids))):
            if wanted:
                where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        for column, value in (("cause", cause), ("workflow", workflow), ('"by"', by)):
            if value:
                where.append(f"{column} = ?")
                values.append(value)
        if after:
            place = "(SELECT -priority, id FROM starts WHERE key = ?)" if in_line else _PLACE
            where.append(f"(-priority, id) > {place}" if in_line else f"id < {place}")
            values.append(after)
        order = "priority DESC, id" if in_line else "id DESC"
        query = f"{STARTS.select} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?"
        return [STARTS.value(row) for row in await self._reader.rows(query, (*values, limit))]

    async def take(self, key: str) -> bool:
        return await self._writer.submit(changes.TakeStart(key, self._enter(), self._owners))

    async def settle(self, key: str, status: StartStatus, why: str = "") -> bool:
        return await self._writer.submit(changes.SettleStart(key, status, why))

    async def put_user(self, user: User) -> User:
        return await self._writer.submit(changes.PutUser(user))

    async def users(self) -> list[User]:
        return [USERS.value(row) for row in await self._reader.rows(f"{USERS.select} ORDER BY name")]

    async def user_with(self, token_digest: str) -> User | None:
        rows = await self._reader.rows(f"{USERS.select} WHERE token_digest = ?", (token_digest,))
        return USERS.value(rows[0]) if rows else None

    async def remove_user(self, name: str) -> bool:
        return await self._writer.submit(changes.Remove("DELETE FROM users WHERE name = ?", name))

    async def put_alert(self, alert: Alert) -> None:
        await self._writer.submit(changes.PutAlert(alert))

    async def alerts(self, since: float = 0.0, *, lasting: bool = False, limit: int = 1000) -> list[Alert]:
        where = "until IS NULL OR until >= ? AND NOT ?"
        query = f"{ALERTS.select} WHERE {where} ORDER BY since DESC, id LIMIT ?"
        return [ALERTS.value(row) for row in await self._reader.rows(query, (since, int(lasting), limit))]

    async def note(self, memo: Memo) -> bool:
        return await self._writer.submit(changes.Note(memo))

    async def memo(self, key: str) -> Memo | None:
        rows = await self._reader.rows(f"{MEMOS.select} WHERE key = ?", (key,))
        return MEMOS.value(rows[0]) if rows else None

    async def memos(self, beginning: str) -> list[Memo]:
        bounds = (beginning, beginning + "\U0010ffff")
        rows = await self._reader.rows(f"{MEMOS.select} WHERE key >= ? AND key < ? ORDER BY key", bounds)
        return [MEMOS.value(row) for row in rows]

    async def unnote(self, key: str) -> bool:
        return await self._writer.submit(changes.Remove("DELETE FROM memos WHERE key = ?", key))

    async def forget(self, before: float) -> int:
        return await self._writer.submit(changes.Forget(before))


_PLACE = "(SELECT id FROM starts WHERE key = ?)"
