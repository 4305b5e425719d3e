"""A run's way in: it begins when the runs it comes after are over, there is room on the disk, and it is its turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workflows.clock import Clock
from workflows.engine.limits import RUNS
from workflows.engine.turns import Turn
from workflows.errors import Failure
from workflows.journal.port import Query, RunStore, StoreError
from workflows.runs import events as e
from workflows.runs.state import ENDED

if TYPE_CHECKING:
    from workflows.engine.driver import Driver

EVERY = 0.25
"""Seconds between looks while a run is queued."""


class Admission:
    """Of one run, which comes `after` others. `too_full` says why the disk keeps it out, empty where it does not."""

    def __init__(
        self,
        after: Sequence[str],
        turn: Turn | None,
        store: RunStore,
        clock: Clock,
        too_full: Callable[[], str] = lambda: "",
        timeout: float | None = None,
    ) -> None:
        self._after = tuple(after)
        self._turn = turn
        self._store = store
        self._clock = clock
        self._too_full = too_full
        self._timeout = timeout
        self._status = ""

    async def ask(self) -> str | Failure:
        """Why the run may not begin yet; empty where it may, and a failure where it never will."""
        if self._after and (why := await self._before()):
            return why
        if why := self._too_full():
            return why
        if self._turn is None:
            return ""
        try:
            if name := self._turn.impossible:
                message = f"It needs more of {name} than there is."
                return Failure("resource", message, f"Raise resources.capacities.{name} in settings.yaml.")
            return "" if self._turn.take() else self._crowded(self._turn.short_of())
        except OSError as error:
            return f"the queue cannot be kept: {error.strerror}"

    async def watch(self, driver: Driver) -> None:
        """Admit a queued run when its time has come, or end it where that will never be."""
        began = self._clock.monotonic()
        while driver.state.queued and not driver.state.over:
            verdict = await self.ask()
            waited = self._clock.monotonic() - began
            if verdict and self._timeout is not None and waited >= self._timeout and not isinstance(verdict, Failure):
                verdict = Failure(
                    "resource",
                    f"The run waited {self._timeout:g} s for its turn (execution.queue_timeout): {verdict}.",
                    "Run it again later, or raise execution.queue_timeout in settings.yaml.",
                )
            if isinstance(verdict, Failure):
                driver.post(e.RunAdmitted(verdict.message), e.ScopeAborted("", verdict.message, verdict))
            elif not verdict:
                driver.post(e.RunAdmitted())
            elif verdict != driver.state.why:
                driver.post(self.queued(verdict))
            if driver.state.queued:
                await self._clock.sleep(EVERY)

    def queued(self, why: str) -> e.RunQueued:
        """The event that the run waits for its turn."""
        return e.RunQueued(why, self._turn.place if self._turn is not None else 0)

    def mind(self, status: str) -> None:
        """A run in which nothing goes on leaves its places to others, and takes them again when something does."""
        if self._turn is None or status == self._status:
            return
        self._status = status
        if status in ("waiting", "paused"):
            self._turn.rest()
        elif status == "running":
            self._turn.back()

    def leave(self) -> None:
        """This process is done with the run."""
        if self._turn is not None:
            self._turn.leave()

    async def _before(self) -> str | Failure:
        """What of the runs that come before this one keeps it waiting."""
        try:
            found = {summary.run_id: summary.status for summary in await self._store.runs(Query(ids=self._after))}
        except StoreError as error:
            return error.message
        for run_id in self._after:
            status = found.get(run_id, "gone")
            if status == "succeeded":
                continue
            if status in ENDED or status == "gone":
                ended = {"cancelled": "was cancelled", "gone": "is not there any more"}.get(status, status)
                message = f"It comes after run {run_id}, and that {ended}."
                return Failure("dependency", message, f"`understudy show {run_id}`; then run this again.")
            more = f" (`understudy resume {run_id}`)" if status == "interrupted" else ""
            return f"it comes after run {run_id}, which is {'queued' if status == 'pending' else status}{more}"
        return ""

    def _crowded(self, short: list[str]) -> str:
        if not short or RUNS in short:
            return "all places for runs are taken (execution.max_concurrent_workflows)"
        return f"all of {', '.join(short)} is taken (resources.capacities)"
