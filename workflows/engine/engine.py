"""The engine: starts runs, resumes them, and keeps the ones this process owns."""

from __future__ import annotations

import asyncio
import os
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.bus import Bus, Committed
from workflows.clock import Clock
from workflows.engine.admission import Admission
from workflows.engine.allocate import Allocator
from workflows.engine.driver import Driver
from workflows.engine.ledger import Ledger
from workflows.engine.limits import RUNS, Claim
from workflows.engine.places import Places
from workflows.engine.recovery import close_open_work
from workflows.engine.turns import Turns
from workflows.errors import CallFailed, Failure, UnderstudyError
from workflows.journal.port import Lease, Query, RunStore, RunTaken
from workflows.planning.plan import Plan
from workflows.runs import events as e
from workflows.runs.reduce import reduce, replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise
from workflows.secrets import NoSecrets, Redactor, Secrets
from workflows.steps.kind import StepKind
from workflows.values import Json

if TYPE_CHECKING:
    from workflows.engine.fork import Fork

ALONE = "nobody attends the run any more"
"""Why something is asked anew: by now its workflow says how long is waited, and what counts then."""


class Engine:
    """Runs of this process. `code` gives the digest that `skill:name` or `agent:name` has now, empty if it is gone."""

    def __init__(
        self,
        store: RunStore,
        kinds: Mapping[str, StepKind],
        bus: Bus,
        clock: Clock,
        *,
        code: Callable[[str], str] = lambda _: "",
        secrets: Secrets | None = None,
        redactor: Redactor | None = None,
        places: Places | None = None,
        turns: Turns | None = None,
    ) -> None:
        self.places = places or Places(clock)
        self.turns = turns
        self._allocator = Allocator()
        self._store = store
        self._kinds = kinds
        self._bus = bus
        self._clock = clock
        self._code = code
        self._secrets = secrets or NoSecrets()
        self._redactor = redactor or self._secrets.redactor
        self._tasks: dict[str, asyncio.Task[RunState]] = {}
        self._looked_at = RunState("")
        self.drivers: dict[str, Driver] = {}

    def code(self, reference: str) -> str:
        """The digest that `skill:name` or `agent:name` has now; empty where it is not there."""
        return self._code(reference)

    @property
    def owner(self) -> str:
        """How this process is named as an owner: its process id."""
        return f"pid {os.getpid()}"

    async def start(
        self,
        plan: Plan,
        *,
        workflow: str,
        source: str,
        parameters: Json,
        root: Path,
        environment: Mapping[str, str] | None = None,
        attended: bool = False,
        simulated: str = "",
        priority: int = 0,
        after: Sequence[str] = (),
        fresh: bool = False,
        run_id: str | None = None,
        version: str = "",
        cause: str = "",
    ) -> Driver:
        """Begin a run. It is durable, and on its way or queued, on return. `simulated` labels a demo.

        With a `run_id`, under that: raises RunTaken where there is such a run, whoever began it. Of several processes
        only one may try at a time. `version` and `cause` say what it is of, and what asked for it.

        It begins when the runs `after` which it comes have succeeded and there is a place for it; those of a higher
        `priority` go first. Raises CallFailed where that can never be. A `fresh` run takes nothing from a cache.
        """
        return await self._begin(
            e.RunStarted(
                workflow=workflow,
                title=plan.title,
                source=source,
                parameters=parameters,
                plan=plan.to_json(),
                root=str(root),
                digests={use.reference: use.digest for step in plan.every for use in step.uses if use.digest},
                environment=dict(environment or {}),
                attended=attended,
                simulated=simulated,
                nonce=randomness.token_hex(16),
                priority=priority,
                after=tuple(after),
                fresh=fresh,
                published=version,
                cause=cause,
            ),
            run_id=run_id,
        )

    async def fork(
        self,
        origin: RunState,
        begun: Fork,
        plan: Plan,
        *,
        source: str,
        parameters: Json,
        environment: Mapping[str, str],
        workflow: str = "",
        attended: bool = False,
        fresh: bool = False,
        version: str = "",
    ) -> Driver:
        """Begin a run that takes over from another one what `begun` says. It is durable, all or nothing, on return.

        The other run stays as it is, and what is done again is done with the code of now.
        """
        uses = {use.reference: use.digest for step in plan.every for use in step.uses if use.digest}
        return await self._begin(
            e.RunStarted(
                workflow=workflow or origin.workflow,
                title=plan.title,
                source=source,
                parameters=parameters,
                plan=plan.to_json(),
                root=origin.root,
                # What is gone by now is asked about when its turn comes.
                digests={reference: self.code(reference) or digest for reference, digest in uses.items()},
                environment=dict(environment),
                attended=attended,
                simulated=origin.simulated,
                # The results that are taken over hold placeholders of secrets.
                nonce=origin.nonce or randomness.token_hex(16),
                priority=origin.priority,
                forked_from=origin.run_id,
                fork_at=begun.at,
                fresh=fresh,
                published=version or (origin.version if source == origin.source else ""),
            ),
            *begun.events,
        )

    async def _begin(self, *events: e.Event, run_id: str | None = None) -> Driver:
        """A new run with its first events, in one commit."""
        # Asked before it stands in line: there another process may stand under this id.
        if run_id is not None and await self._store.runs(Query(ids=(run_id,))):
            raise RunTaken(run_id)
        run_id, now = run_id or randomness.token_hex(4), self._clock.now()
        recorded = tuple(e.Recorded(seq, now, event) for seq, event in enumerate(events, 1))
        state = replay(run_id, recorded)
        admission = self._admission(state, state.after)
        try:
            if verdict := await admission.ask():
                if isinstance(verdict, Failure):
                    raise CallFailed(verdict)
                recorded = (*recorded, e.Recorded(len(recorded) + 1, now, admission.queued(verdict)))
                state = reduce(state, recorded[-1])
            lease = await self._store.create(run_id, self.owner, recorded, summarise(state))
        except BaseException:
            admission.leave()
            raise
        self._bus.publish(Committed(run_id, recorded, state))
        return self._launch(self._driver(state, lease, admission))

    async def resume(self, run_id: str, *, attended: bool = False) -> Driver:
        """Go on with a run that was stopped or interrupted, or waits. Raises RunUnknown, RunOwned, UnderstudyError."""
        if run_id in self.drivers:
            return self.drivers[run_id]
        _must_not_be_over(await self._replayed(run_id))
        lease = await self._store.claim(run_id, self.owner)
        try:
            # Read on: the last owner may have written until the very moment it was taken over.
            state = await self._replayed(run_id)
            _must_not_be_over(state)
            requests = await self._store.requests(run_id, after=state.requested)
            begun = not state.queued or any(step.last is not None for step in state.steps.values())
            # What it came after was over when it began, and need not be there any more.
            admission = self._admission(state, () if begun else state.after)
            verdict = await admission.ask()
            if begun and isinstance(verdict, Failure):
                raise CallFailed(verdict)  # it stays as it is, and can be gone on with when that is mended
        except BaseException:
            await self._store.release(lease)
            raise
        driver = self._driver(state, lease, admission)
        crashed = state.status in ("running", "waiting", "paused") and any(
            step.last and step.last.status == "started" for step in state.steps.values()
        )
        # First of all, so that the time in which nobody owned it is not counted.
        driver.post(
            e.RunResumed(attended, interrupted=crashed), *close_open_work(state, "The program ended while it ran")
        )
        if not attended and driver.state.unanswered:
            from workflows.engine.silence import unbounded

            answered = {answer.entry for answer in await self._store.answers(run_id)}
            driver.post(*(e.ApprovalVoided(entry, ALONE) for entry in unbounded(driver.state) if entry not in answered))
        if verdict:
            driver.post(admission.queued(verdict if isinstance(verdict, str) else verdict.message))
        elif state.queued:
            driver.post(e.RunAdmitted())
        for request in requests:
            # Going on is what was wanted last, but an end stays an end, and what is revoked stays so.
            stays = request.what.startswith("cancel") or request.what == "revoke"
            driver.obey(request if stays else replace(request, what="continue"))
        return self._launch(driver)

    async def revoke(self, run_id: str, number: int, by: str = "") -> None:
        """Take back what was allowed in a run that nobody owns. Raises RunUnknown, RunOwned."""
        lease = await self._store.claim(run_id, self.owner)
        try:
            ledger = Ledger(await self._replayed(run_id), lease, self._store, self._bus, self._clock)
            ledger.post((e.PatternRevoked(number, by),))
            await ledger.write()
        finally:
            await self._store.release(lease)

    async def pause(self, run_id: str, why: str = "") -> None:
        """Pause a run that nobody owns: it stays as it is until it is resumed. Raises RunUnknown, RunOwned.

        One that is paused already is left alone. Raises UnderstudyError where the run is over.
        """
        lease = await self._store.claim(run_id, self.owner)
        try:
            state = await self._replayed(run_id)
            _must_not_be_over(state)
            if state.status == "paused":
                return
            events = (*close_open_work(state, "The program ended while it ran"), e.RunPaused(why))
            ledger = Ledger(state, lease, self._store, self._bus, self._clock)
            ledger.post(events)
            await ledger.write()
        finally:
            await self._store.release(lease)

    async def state(self, run_id: str) -> RunState:
        """Where a run stands, whoever owns it. Raises RunUnknown."""
        if run_id in self.drivers:
            return self.drivers[run_id].committed
        return await self._replayed(run_id)

    async def _replayed(self, run_id: str) -> RunState:
        """What a run's journal comes to. Looked at again and again, only what is new is read."""
        known = self._looked_at if self._looked_at.run_id == run_id else RunState(run_id)
        state = replay(run_id, await self._store.read(run_id, known.seq), known)
        self._looked_at = state
        return state

    async def finished(self, run_id: str) -> RunState:
        """Wait until a run of this process is over or stopped."""
        task = self._tasks.get(run_id)
        return await (self.state(run_id) if task is None else asyncio.shield(task))

    async def close(self, why: str = "The program was closed") -> None:
        """Stop every run of this process in good order; each can be resumed later."""
        for driver in self.drivers.values():
            driver.stop(why)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _admission(self, state: RunState, after: Sequence[str]) -> Admission:
        needs = {RUNS: 1, **state.plan.resources}
        turn = self.turns.enter(state.run_id, Claim(needs, state.priority, state.started)) if self.turns else None
        return Admission(after, turn, self._store, self._clock, self.places.too_full, self.places.queue_timeout)

    def _driver(self, state: RunState, lease: Lease, admission: Admission) -> Driver:
        return Driver(
            state,
            lease,
            self._store,
            self._kinds,
            self._bus,
            self._clock,
            self._code,
            self._secrets,
            self._redactor,
            self.places,
            admission,
            self._allocator,
        )

    def _launch(self, driver: Driver) -> Driver:
        run_id = driver.state.run_id
        task = asyncio.create_task(driver.drive(), name=f"run {run_id}")
        self._tasks[run_id] = task
        self.drivers[run_id] = driver
        task.add_done_callback(partial(self._ended, run_id))
        return driver

    def _ended(self, run_id: str, task: asyncio.Task[RunState]) -> None:
        self.drivers.pop(run_id, None)
        if not task.cancelled() and task.exception() is None:
            self._tasks.pop(run_id, None)  # its journal has the rest; what went wrong is kept for who asks


def _must_not_be_over(state: RunState) -> None:
    if state.over:
        ending = "was cancelled" if state.status == "cancelled" else state.status
        raise UnderstudyError(
            f"Run {state.run_id} is over: it {ending}.", f"`understudy show {state.run_id}` shows it."
        )
