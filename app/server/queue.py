"""The queue: takes the starts that were asked for, by priority and age, and begins each run under the id it was given.

A start is a row whose key can exist once, and so can the run's id in the journal. So whatever dies between the row and
the run, whoever looks next begins what is queued and has no run, and never one that has.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from app.desk import Desk
from app.server.backstage import Happenings
from app.server.desks import Desks
from app.server.overlap import held
from app.server.versions import Versions
from workflows.clock import Clock
from workflows.engine.driver import Driver
from workflows.errors import CallFailed, UnderstudyError
from workflows.journal.port import Query, RunOwned, RunTaken, StoreError, Summary
from workflows.unattended.port import Standing
from workflows.unattended.values import Start
from workflows.values import Json

LOOK_EVERY = 1.0
"""Seconds between looks at what other processes asked for; who asks here wakes us."""

RESUME_EVERY = 15.0
"""Seconds between looks for runs whose server is gone."""

AT_ONCE = 64
"""Starts that are begun side by side: their commits are one then."""

SEARCHED = 1000
"""Starts among which those are looked for that need not wait for a run before them."""

IDLE = frozenset({"waiting", "paused"})
_log = logging.getLogger(__name__)


class Queue:
    """The starts of all servers that share the journal; this one begins as many as it has `room` for.

    `resumes` says whether runs that a server began, and that nobody has any more, are gone on with here.
    """

    def __init__(
        self,
        desks: Desks,
        standing: Standing,
        versions: Versions,
        clock: Clock,
        happenings: Happenings,
        room: int,
        *,
        resumes: bool = True,
    ) -> None:
        self._desks = desks
        self._standing = standing
        self._versions = versions
        self._clock = clock
        self._happenings = happenings
        self._room = room
        self._resumes = resumes
        self._moved = asyncio.Event()
        self._beginning: set[str] = set()

    def poke(self) -> None:
        """There is something to look at now."""
        self._moved.set()

    def driver(self, run_id: str) -> Driver | None:
        """Who drives a run in this process."""
        desk = self._desks.having(run_id)
        return desk.services.engine.drivers.get(run_id) if desk else None

    def under_way(self) -> int:
        """Runs of this process in which something goes on: those that wait for people or are paused take no room."""
        drivers = [driver for desk in self._desks for driver in desk.services.engine.drivers.values()]
        return sum(driver.state.status not in IDLE for driver in drivers) + len(self._beginning)

    async def waiting(self) -> int:
        """Starts that are queued, up to a thousand."""
        return len(await self._standing.starts(("queued",), limit=1000))

    async def desk_of_run(self, run_id: str) -> Desk:
        """The desk of the folder that a run works in. Raises RunUnknown."""
        if (desk := self._desks.having(run_id)) is not None:
            return desk
        (summary,) = await self._desks.own.runs(Query(ids=(run_id,)))
        return await self._desks.at(summary.root)

    async def withdraw(self, start: Start, why: str) -> bool:
        """A start that has not begun is not wanted any more. False where it has begun meanwhile."""
        if start.run_id in self._beginning or not await self._standing.take(start.key):
            return False
        return await self._standing.settle(start.key, "skipped", why)

    async def run(self) -> None:
        """Begin what is queued, and go on with what was left, until cancelled."""
        looked = -RESUME_EVERY
        while True:
            self._moved.clear()
            more = False
            try:
                if self._resumes and self._clock.monotonic() - looked >= RESUME_EVERY:
                    looked = self._clock.monotonic()
                    await self._take_up()
                more = await self._begin_some()
            except StoreError as error:
                _log.warning("the queue cannot be read: %s", error)
            if not more:
                await self._rest()

    async def _rest(self) -> None:
        moved = asyncio.ensure_future(self._moved.wait())
        slept = asyncio.ensure_future(self._clock.sleep(LOOK_EVERY))
        try:
            await asyncio.wait((moved, slept), return_when="FIRST_COMPLETED")
        finally:
            moved.cancel()
            slept.cancel()

    async def _begin_some(self) -> bool:
        """Begin as many as there is room for. True where there may be more."""
        free = min(self._room - self.under_way(), AT_ONCE)
        if free <= 0:
            return False
        queued = await self._free_to_begin(free)
        begun = await asyncio.gather(*(self._begin(start) for start in queued))
        return len(queued) == free and any(begun)

    async def _free_to_begin(self, most: int) -> list[Start]:
        """The next starts that wait for no run before them."""
        for limit in (most, SEARCHED):
            queued = await self._standing.starts(("queued",), limit=limit)
            waiting = await held(self._standing, self._desks.own.services.store, queued)
            free = [start for start in queued if start.key not in waiting]
            if len(queued) < limit or len(free) >= most:
                break
        return free[:most]

    async def _begin(self, start: Start) -> bool:
        """Begin one. False where it is not ours to begin, or must wait."""
        if start.run_id in self._beginning:
            return False
        self._beginning.add(start.run_id)
        try:
            if not await self._standing.take(start.key):
                return False
            return await self._begin_taken(start)
        except StoreError as error:
            _log.warning("%s is not begun yet: %s", start.key, error)
            return False
        except Exception:  # one start that a fault of ours keeps from beginning must not hold up all others
            _log.exception("%s cannot be begun", start.key)
            return await self._standing.settle(start.key, "refused", "Understudy has a fault; its log has the details.")
        finally:
            self._beginning.discard(start.run_id)
            self._happenings.tell(start.run_id)

    async def _begin_taken(self, start: Start) -> bool:
        try:
            version = await self._versions.of(start.workflow, start.version)
            desk = await self._desks.at(version.root)
            await self._versions.begin(desk, version, start)
        except RunTaken:
            pass  # it was begun before something died, and has not been settled
        except StoreError:
            await self._standing.settle(start.key, "queued")
            raise
        except (UnderstudyError, CallFailed) as error:
            why = f"{error.message} {error.hint}".strip() if isinstance(error, UnderstudyError) else str(error)
            await self._standing.settle(start.key, "refused", why)
            return True
        await self._standing.settle(start.key, "started")
        return True

    async def _take_up(self) -> None:
        """Go on with the runs that servers began and nobody has any more."""
        left = Query(status=("running", "pending", "waiting", "interrupted"), limit=10_000)
        for summary in await self._desks.own.runs(left):
            if summary.cause and not summary.owner and self.under_way() < self._room:
                await self.go_on_with(summary.run_id, summary)

    async def go_on_with(self, run_id: str, summary: Summary | None = None) -> bool:
        """Go on with a run that a server began. False where it is another's, or cannot be gone on with now."""
        if not self._resumes and summary is None:
            return False
        if summary is None:
            (summary,) = await self._desks.own.runs(Query(ids=(run_id,)))
            if not summary.cause:
                return False
        try:
            desk = await self._desks.at(summary.root)
            await desk.resume(run_id, attended=False)
        except RunOwned:
            return True
        except (UnderstudyError, CallFailed) as error:
            _log.warning("run %s cannot be gone on with: %s", run_id, error)
            return False
        return True

    async def must_be_startable(self, workflow: str, version: int, parameters: Mapping[str, Json]) -> int:
        """The number of the version that a start of now would run. Raises UnderstudyError where there is none."""
        found = await self._versions.of(workflow, version)
        self._desks.own.must_hold_no_secret(dict(parameters))  # it is kept before the run begins
        self._versions.bind(found, parameters)
        return found.number
