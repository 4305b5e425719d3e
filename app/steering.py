"""Pausing, going on with and ending a run, whoever owns it. Saying it twice does no harm."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal, TypeAlias

from app.desk import Desk
from app.watch import RunWatch
from workflows.engine.recovery import can_hurry
from workflows.errors import UnderstudyError
from workflows.journal.port import Request, RequestKind, RunOwned, Summary
from workflows.records import dataclass
from workflows.runs.changes import sealed
from workflows.runs.state import RunState

PATIENCE = 5.0
"""Seconds that an owner has to take what it is asked for; one that lives and moves needs a fraction of one."""

LOOK_EVERY = 0.05

Became: TypeAlias = Literal["so already", "done", "asked for", "left to us"]
"""What a wish came to: it was so before; it is so now; the owner has not taken it yet; nobody owns the run."""


@dataclass(frozen=True)
class Steered:
    """What became of a wish about a run. `owner` is who was asked, `summary` says who owns it now."""

    what: RequestKind
    became: Became
    state: RunState
    summary: Summary
    owner: str = ""

    @property
    def run_id(self) -> str:
        return self.state.run_id


class Steering:
    """What people wish of runs. `patience` is how long an owner is waited for; a screen does not wait."""

    def __init__(self, desk: Desk, by: str, patience: float = PATIENCE) -> None:
        self._desk = desk
        self._by = by
        self._patience = patience

    async def pause(self, run: str) -> Steered:
        """No new step is to start; those under way go on. Raises UnderstudyError where the run is over."""
        why = f"{self._by} paused it"
        while True:
            steered = await self._wish(run, "pause", why)
            if steered.became != "left to us":
                return steered
            try:
                await self._desk.services.engine.pause(steered.run_id, why)
            except RunOwned:
                continue  # somebody went on with it just now
            return await self._steered(RunWatch(self._desk, steered.run_id), "pause", "done")

    async def proceed(self, run: str) -> Steered:
        """Steps may start again. `left to us` where the run must be resumed for it."""
        return await self._wish(run, "continue")

    async def cancel(self, run: str, *, at_once: bool = False) -> Steered:
        """The run is to end; `at_once` leaves out its `finally`. `left to us` where nobody is there to end it."""
        return await self._wish(run, "cancel_now" if at_once else "cancel", f"cancelled by {self._by}")

    async def hurry(self, run: str, step: str) -> None:
        """A step is not to wait for the time of its next try; one that shows no sign of life is begun anew.

        Raises UnderstudyError where it does neither, and where nobody drives the run.
        """
        run_id = await self._desk.unfinished(run)
        drivers, clock = self._desk.services.engine.drivers, self._desk.services.clock
        driver = drivers.get(run_id)
        state = driver.state if driver is not None else await self._desk.state(run_id)
        if not can_hurry(state, state.steps.get(step), clock.now()):
            raise UnderstudyError(f"{step} neither waits for its next try nor is in the middle of one.")
        request = Request(0, run_id, "hurry", step, self._by)
        if driver is not None:
            driver.obey(request)
        elif (await self._desk.summary(run_id)).owner:
            await self._desk.services.store.post_request(request)
        else:
            raise UnderstudyError(
                f"Nobody drives run {run_id} now, so nothing in it can be hurried.", f"`understudy resume {run_id}`"
            )

    async def revoke(self, run: str, number: int) -> Steered:
        """What was allowed in the run as `number` is to count no more. Raises UnderstudyError where nothing was."""
        while True:
            watch = RunWatch(self._desk, await self._desk.unfinished(run))
            steered = await self._steered(watch, "revoke", "so already")
            permits, run_id = steered.state.permits, steered.run_id
            if steered.state.over:
                raise UnderstudyError(f"Run {run_id} is over: nothing is allowed in it.", f"`understudy show {run_id}`")
            if not 0 < number <= len(permits):
                many = f"numbers 1 to {len(permits)}" if permits else "nothing was allowed"
                raise UnderstudyError(
                    f"Run {run_id} has nothing allowed under the number {number}: {many}.",
                    f"`understudy permissions {run_id}` lists it.",
                )
            if permits[number - 1].revoked is not None:
                return steered
            request = Request(0, run_id, "revoke", str(number), self._by)
            if (driver := self._desk.services.engine.drivers.get(run_id)) is not None:
                driver.obey(request)
                return replace(steered, became="done", state=sealed(driver.state))
            if steered.summary.owner:
                posted = await self._desk.services.store.post_request(request)
                return replace(await self._taken(watch, posted), owner=steered.summary.owner)
            try:
                await self._desk.services.engine.revoke(run_id, number, self._by)
            except RunOwned:
                continue  # somebody went on with it just now
            return await self._steered(watch, "revoke", "done")

    async def _wish(self, run: str, what: RequestKind, why: str = "") -> Steered:
        run_id = await self._desk.unfinished(run)
        watch = RunWatch(self._desk, run_id)
        steered = await self._steered(watch, what, "so already")
        if steered.state.over and not (steered.state.status == "cancelled" and what.startswith("cancel")):
            word = "was cancelled" if steered.state.status == "cancelled" else steered.state.status
            raise UnderstudyError(f"Run {run_id} is over: it {word}.", f"`understudy show {run_id}` shows it.")
        if _is_so(steered, what):
            return steered
        request = Request(0, run_id, what, why, self._by)
        if (driver := self._desk.services.engine.drivers.get(run_id)) is not None:
            driver.obey(request)
            return replace(steered, became="done", state=sealed(driver.state))
        if not steered.summary.owner:
            return replace(steered, became="left to us")
        posted = await self._desk.services.store.post_request(request)
        return replace(await self._taken(watch, posted), owner=steered.summary.owner)

    async def _taken(self, watch: RunWatch, posted: Request) -> Steered:
        """Wait until the owner has taken the request, or is gone."""
        clock = self._desk.services.clock
        deadline = clock.monotonic() + self._patience
        while True:
            steered = await self._steered(watch, posted.what, "asked for")
            if steered.state.requested >= posted.id or _is_so(steered, posted.what):
                return replace(steered, became="done")
            if not steered.summary.owner:
                # It died, or stopped, before it saw it: a cancel counts for whoever comes next, all else for nobody.
                return replace(steered, became="left to us")
            if clock.monotonic() >= deadline:
                return steered
            await asyncio.sleep(LOOK_EVERY)

    async def _steered(self, watch: RunWatch, what: RequestKind, became: Became) -> Steered:
        await watch.look()
        assert watch.summary is not None  # a run that is read is listed too
        interrupted = watch.status == "interrupted"
        state = replace(watch.state, status="interrupted") if interrupted else watch.state
        return Steered(what, became, state, watch.summary)


def _is_so(steered: Steered, what: RequestKind) -> bool:
    state = steered.state
    match what:
        case "pause":
            return state.status == "paused"
        case "continue":
            return not state.paused and bool(steered.summary.owner)
        case "cancel":
            return state.over or (state.top.then == "cancel" and bool(steered.summary.owner))
        case "revoke":
            return False  # said by the number of the request alone
    return state.over
