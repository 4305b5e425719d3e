"""The loop that asks for a run in each slot of each schedule. Of several servers all may do it: a slot has one key.

It keeps nothing of its own. What was asked for is in the store, so who comes after a crash goes on from there; the
wall clock is read anew at each look, so that clocks that jump, and machines that slept, are a matter of policy.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfoNotFoundError

from app.server.backstage import Backstage
from app.server.overlap import under_way
from app.server.presence import Presence
from workflows.clock import Clock
from workflows.journal.port import Request, RunStore, StoreError
from workflows.unattended.port import Standing
from workflows.unattended.slots import LATE, due, following, stamp
from workflows.unattended.values import Schedule, StartStatus, start_for

LOOK_EVERY = 2.0
"""Seconds between looks at the clock and at what other processes changed."""

AHEAD = 86400.0
"""Seconds that a last slot may lie ahead of a clock that was put back. What is further off was no real time."""

MOST_QUEUED = 100
"""Starts of one schedule that wait for the run before them; more are skipped."""

_log = logging.getLogger(__name__)


async def follow_schedules(stage: Backstage) -> None:
    """Ask for what the schedules start, beside a server's calls, until cancelled."""
    services = stage.desk.services
    presence = Presence(services.paths.data)
    scheduler = Scheduler(stage.standing, services.store, stage.clock, stage.queue.poke, presence.show)
    try:
        await scheduler.run()
    finally:
        presence.close()


class Scheduler:
    """Asks for the starts of all schedules. `asked` is called after it asked for some, `alive` at each look."""

    def __init__(
        self,
        standing: Standing,
        store: RunStore,
        clock: Clock,
        asked: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._standing = standing
        self._store = store
        self._clock = clock
        self._asked = asked
        self._alive = alive
        self._next: dict[str, tuple[object, float | None]] = {}
        self._broken: set[str] = set()

    async def run(self) -> None:
        """Ask for what is due, until cancelled."""
        while True:
            try:
                self._alive()
                wait = await self.look()
            except (StoreError, OSError) as error:
                _log.warning("schedules cannot be read: %s", error)
                wait = LOOK_EVERY
            await self._clock.sleep(wait)

    async def look(self) -> float:
        """Ask for all that is due now. Returns the seconds until the next look. Raises StoreError."""
        soonest = LOOK_EVERY
        schedules = await self._standing.schedules()
        for schedule in schedules:
            if schedule.paused:
                continue
            try:
                slot = await self._serve(schedule)
            except (ValueError, ZoneInfoNotFoundError) as error:  # a zone that this machine does not have
                self._complain(schedule, error)
                continue
            if slot is not None:
                soonest = min(soonest, slot - self._clock.now())
        for gone in self._next.keys() - {schedule.id for schedule in schedules}:
            del self._next[gone]
        return max(soonest, 0.0)

    async def _serve(self, schedule: Schedule) -> float | None:
        """Ask for what is due of one schedule. Returns its next slot."""
        now = self._clock.now()
        after = max(schedule.since, schedule.last if schedule.last is not None else 0.0)
        if after > now + AHEAD:
            after = max(now - LATE, schedule.created)
        rule = (schedule.cron, schedule.every, schedule.at, schedule.timezone, schedule.created, after)
        known, slot = self._next.get(schedule.id, (None, None))
        if known != rule:
            slot = next(iter(following(schedule, after, 1)), None)
            self._next[schedule.id] = (rule, slot)
        if slot is None or slot > now:
            return slot
        found = due(schedule, after, now)
        if found.left is not None:
            why = f"it was missed: nothing started it in time, and `missed` is {schedule.missed}"
            await self._ask(schedule, found.left, now, "skipped", why)
        for each in found.start:
            await self._start(schedule, each, now)
        self._asked()
        asked = max((*found.start, found.left or 0.0, slot))
        return next(iter(following(schedule, asked, 1)), None)

    async def _start(self, schedule: Schedule, slot: float, now: float) -> None:
        """Ask for the run of a slot, as far as the run before it lets us."""
        if schedule.overlap == "allow":
            await self._ask(schedule, slot, now)
            return
        before = await under_way(self._standing, self._store, f"schedule:{schedule.id}")
        before = [start for start in before if start.key != key_of(schedule, slot)]
        if before and schedule.overlap == "skip":
            why = f"run {before[0].run_id} before it was not over"
            await self._ask(schedule, slot, now, "skipped", why)
            return
        if len(before) >= MOST_QUEUED:
            await self._ask(schedule, slot, now, "skipped", f"{len(before)} starts of {schedule.id} wait already")
            return
        if schedule.overlap == "replace":
            why = f"replaced by the run of {stamp(slot)}"
            for start in before:
                if start.status == "queued":
                    await self._standing.settle(start.key, "skipped", why)
                else:
                    await self._store.post_request(Request(0, start.run_id, "cancel", why, f"schedule {schedule.id}"))
        await self._ask(schedule, slot, now)

    async def _ask(
        self, schedule: Schedule, slot: float, now: float, status: StartStatus = "queued", why: str = ""
    ) -> None:
        cause = f"schedule:{schedule.id}"
        start = start_for(schedule, cause, stamp(slot), now, due=slot, status=status, why=why)
        await self._standing.ask(start)

    def _complain(self, schedule: Schedule, error: Exception) -> None:
        """Once a schedule."""
        if schedule.id not in self._broken:
            self._broken.add(schedule.id)
            _log.warning("schedule %s cannot be followed: %s", schedule.id, error)


def key_of(schedule: Schedule, slot: float) -> str:
    """The key that the start of a slot has, in every process."""
    return f"schedule:{schedule.id}:{stamp(slot)}"
