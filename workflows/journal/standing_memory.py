"""A Standing that forgets everything, for tests and for runs that nobody wants to keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace
from typing import TypeVar

from workflows.journal.codec import text_of
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

T = TypeVar("T", Schedule, Trigger)


@dataclass
class StandingShelf:
    """What is kept, for all who stand for processes sharing one journal."""

    versions: dict[tuple[str, int], Version] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    starts: dict[str, Start] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    memos: dict[str, Memo] = field(default_factory=dict)
    living: set[str] = field(default_factory=set)


class MemoryStanding:
    """One process. `me` is its name as a holder; `check` raises where it is closed, `runs` are the ids of all runs."""

    def __init__(
        self, shelf: StandingShelf, me: str, check: Callable[[], None], runs: Callable[[], Collection[str]]
    ) -> None:
        self._kept = shelf
        self._me = me
        self._check = check
        self._runs = runs

    @property
    def _shelf(self) -> StandingShelf:
        self._check()
        return self._kept

    async def publish(self, version: Version) -> Version:
        kept = self._shelf.versions
        number = 1 + max((number for workflow, number in kept if workflow == version.workflow), default=0)
        kept[version.workflow, number] = replace(version, number=number)
        return kept[version.workflow, number]

    async def set_status(self, workflow: str, number: int, status: VersionStatus) -> Version | None:
        kept = self._shelf.versions
        if (workflow, number) not in kept:
            return None
        kept[workflow, number] = replace(kept[workflow, number], status=status)
        return kept[workflow, number]

    async def versions(self, workflow: str = "") -> list[Version]:
        found = [each for each in self._shelf.versions.values() if workflow in ("", each.workflow)]
        return sorted(found, key=lambda each: (each.workflow, -each.number))

    async def version(self, workflow: str, number: int = 0) -> Version | None:
        for each in await self.versions(workflow) if workflow else []:
            if each.number == number or (number == 0 and each.status == "published"):
                return each
        return None

    async def put_schedule(self, schedule: Schedule) -> Schedule:
        return _put(self._shelf.schedules, schedule)

    async def schedules(self) -> list[Schedule]:
        return sorted(self._shelf.schedules.values(), key=lambda each: each.id)

    async def remove_schedule(self, id: str) -> bool:  # noqa: A002  # the field's name
        return self._shelf.schedules.pop(id, None) is not None

    async def put_trigger(self, trigger: Trigger) -> Trigger:
        return _put(self._shelf.triggers, trigger)

    async def triggers(self) -> list[Trigger]:
        return sorted(self._shelf.triggers.values(), key=lambda each: each.id)

    async def remove_trigger(self, id: str) -> bool:  # noqa: A002  # the field's name
        return self._shelf.triggers.pop(id, None) is not None

    async def ask(self, start: Start) -> tuple[Start, bool]:
        shelf = self._shelf
        if start.key in shelf.starts:
            return shelf.starts[start.key], False
        used = {each.run_id for each in shelf.starts.values()}.union(self._runs())
        while start.run_id in used:
            start = replace(start, run_id=new_run_id())
        shelf.starts[start.key] = replace(start, parameters=json.loads(text_of(dict(start.parameters))))
        for schedule in shelf.schedules.values():
            if start.cause == f"schedule:{schedule.id}":
                shelf.schedules[schedule.id] = _counted(schedule, start.due)
        for trigger in shelf.triggers.values():
            if start.cause == f"{trigger.kind}:{trigger.id}":
                shelf.triggers[trigger.id] = _counted(trigger, start.at)
        return start, True

    async def start_of(self, key: str) -> Start | None:
        return self._shelf.starts.get(key)

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
        ordered = list(self._shelf.starts.values())
        if tuple(status) == ("queued",):
            ordered.sort(key=lambda each: -each.priority)
        else:
            ordered.reverse()
        keys = [each.key for each in ordered]
        found = [
            each
            for each in ordered[keys.index(after) + 1 if after in keys else 0 :]
            if (not status or each.status in status)
            and cause in ("", each.cause)
            and workflow in ("", each.workflow)
            and by in ("", each.by)
            and (not run_ids or each.run_id in run_ids)
        ]
        return found[:limit] if after in ("", *keys) else []

    async def take(self, key: str) -> bool:
        shelf = self._shelf
        start = shelf.starts.get(key)
        shelf.living.add(self._me)
        if start is None or start.status != "queued" or start.holder in shelf.living - {self._me}:
            return False
        shelf.starts[key] = replace(start, holder=self._me)
        return True

    async def settle(self, key: str, status: StartStatus, why: str = "") -> bool:
        start = self._shelf.starts.get(key)
        if start is None or start.status != "queued":
            return False
        self._shelf.starts[key] = replace(start, status=status, why=why, holder="")
        return True

    async def put_user(self, user: User) -> User:
        old = self._shelf.users.get(user.name, user)
        self._shelf.users[user.name] = replace(user, created=old.created)
        return self._shelf.users[user.name]

    async def users(self) -> list[User]:
        return sorted(self._shelf.users.values(), key=lambda each: each.name)

    async def user_with(self, token_digest: str) -> User | None:
        return next((each for each in self._shelf.users.values() if each.token_digest == token_digest), None)

    async def remove_user(self, name: str) -> bool:
        return self._shelf.users.pop(name, None) is not None

    async def put_alert(self, alert: Alert) -> None:
        self._shelf.alerts[alert.id] = alert

    async def alerts(self, since: float = 0.0, *, lasting: bool = False, limit: int = 1000) -> list[Alert]:
        found = [
            each for each in self._shelf.alerts.values() if each.until is None or (each.until >= since and not lasting)
        ]
        return sorted(found, key=lambda each: (-each.since, each.id))[:limit]

    async def note(self, memo: Memo) -> bool:
        return self._shelf.memos.setdefault(memo.key, memo) is memo

    async def memo(self, key: str) -> Memo | None:
        return self._shelf.memos.get(key)

    async def memos(self, beginning: str) -> list[Memo]:
        kept = self._shelf.memos
        return [kept[key] for key in sorted(kept) if key.startswith(beginning)]

    async def unnote(self, key: str) -> bool:
        return self._shelf.memos.pop(key, None) is not None

    async def forget(self, before: float) -> int:
        shelf, runs = self._shelf, self._runs()
        last = {(f"schedule:{each.id}", each.last) for each in shelf.schedules.values()}
        old = [
            each.key
            for each in shelf.starts.values()
            if each.status != "queued"
            and each.at < before
            and each.run_id not in runs
            and (each.cause, each.due) not in last
        ]
        over = [each.id for each in shelf.alerts.values() if each.until is not None and each.until < before]
        noted = [each.key for each in shelf.memos.values() if each.at < before]
        for key in old:
            del shelf.starts[key]
        for key in over:
            del shelf.alerts[key]
        for key in noted:
            del shelf.memos[key]
        return len(old) + len(over) + len(noted)


def _put(kept: dict[str, T], new: T) -> T:
    """Keep it in the place of the one with its id, of which what only goes up stays."""
    old = kept.get(new.id, new)
    last = max((each for each in (old.last, new.last) if each is not None), default=None)
    kept[new.id] = replace(new, last=last, count=max(old.count, new.count), created=old.created)
    return kept[new.id]


def _counted(one: T, at: float) -> T:
    return replace(one, count=one.count + 1, last=at if one.last is None else max(one.last, at))
