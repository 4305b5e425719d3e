"""The port to where versions, schedules, triggers, starts, users and alerts are kept.

Every store must pass tests/contract/standing.py. All that writes is durable on return, whichever process asks.
All methods may raise StoreError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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


class Standing(Protocol):
    """What stands while nobody watches."""

    async def publish(self, version: Version) -> Version:
        """Keep a version under the next number of its workflow, whatever number it has. Returns it with that."""
        ...

    async def set_status(self, workflow: str, number: int, status: VersionStatus) -> Version | None:
        """Archive a version, or publish it again. Returns it as it is then; None where there is none."""
        ...

    async def versions(self, workflow: str = "") -> list[Version]:
        """Every version of one workflow, or of all: by workflow, newest first."""
        ...

    async def version(self, workflow: str, number: int = 0) -> Version | None:
        """One version; with 0, the newest that is published and not archived. None where there is none."""
        ...

    async def put_schedule(self, schedule: Schedule) -> Schedule:
        """Keep a schedule; one with its id is replaced. Returns it as it is kept.

        What only goes up is not set back: `last` and `count` are never less than they were, `created` stays.
        """
        ...

    async def schedules(self) -> list[Schedule]:
        """All of them, by id."""
        ...

    async def remove_schedule(self, id: str) -> bool:  # noqa: A002  # the field's name
        """False where there was none."""
        ...

    async def put_trigger(self, trigger: Trigger) -> Trigger:
        """Keep a trigger; one with its id is replaced, as `put_schedule` does it."""
        ...

    async def triggers(self) -> list[Trigger]:
        """All of them, by id."""
        ...

    async def remove_trigger(self, id: str) -> bool:  # noqa: A002  # the field's name
        """False where there was none."""
        ...

    async def ask(self, start: Start) -> tuple[Start, bool]:
        """Ask for a run. Where its key was used before, that first start comes back, and False: it asks for nothing.

        A new one counts at the schedule or trigger that its `cause` names, in the same commit: `count` goes up; a
        schedule's `last` becomes `due`, a trigger's `at`. With another status than `queued` it is only written down.
        """
        ...

    async def start_of(self, key: str) -> Start | None: ...

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
        """A page of starts, what is not said is not asked. `after` is the key of the last one of the page before.

        Where only `queued` ones are asked for: in the order to begin them, by priority, then by age. Else newest first.
        """
        ...

    async def take(self, key: str) -> bool:
        """Take a queued start, so that no other process begins it while this one lives. True too where this one has it.

        False where a living process has it, or it is not queued any more, or there is none.
        """
        ...

    async def settle(self, key: str, status: StartStatus, why: str = "") -> bool:
        """Say what became of a queued start; with `queued`, give it back. False where it was settled before."""
        ...

    async def put_user(self, user: User) -> User:
        """Keep a user; one with this name is replaced, but for `created`."""
        ...

    async def users(self) -> list[User]:
        """All of them, by name."""
        ...

    async def user_with(self, token_digest: str) -> User | None: ...

    async def remove_user(self, name: str) -> bool:
        """False where there was none."""
        ...

    async def put_alert(self, alert: Alert) -> None:
        """Keep an alert; one with its id is replaced."""
        ...

    async def alerts(self, since: float = 0.0, *, lasting: bool = False, limit: int = 1000) -> list[Alert]:
        """Those that lasted at or after `since`, newest first; with `lasting`, those that last still."""
        ...

    async def note(self, memo: Memo) -> bool:
        """Note something under a key that can exist once. False where it exists: what was noted first stays."""
        ...

    async def memo(self, key: str) -> Memo | None: ...

    async def memos(self, beginning: str) -> list[Memo]:
        """Those whose key begins so, by key."""
        ...

    async def unnote(self, key: str) -> bool:
        """Forget a memo. True for the one caller that it was there for: what may be used once is used so."""
        ...

    async def forget(self, before: float) -> int:
        """Forget what is over and older than that: settled starts, alerts, memos. Returns how many.

        A start of a schedule's last slot, or of a run that the journal still has, stays.
        """
        ...
