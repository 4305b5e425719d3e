"""One run's owner: the only one who adds to its journal. Decides what is next, has it done, commits, goes on.

Steps begin before their first events are durable, which is safe because they act only through their context, and that
waits.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from workflows.bus import Bus, Streamed, Stuck
from workflows.clock import Clock
from workflows.engine.admission import Admission
from workflows.engine.allocate import Allocator, Share
from workflows.engine.attempt import open_gate, perform, suppose
from workflows.engine.backoff import recoveries_of
from workflows.engine.choices import apply
from workflows.engine.decide import Gate, Perform, Surroundings, Wait, begin, begins_at_once, decide
from workflows.engine.inbox import Inbox
from workflows.engine.ledger import Ledger
from workflows.engine.places import Places, Work
from workflows.engine.recovery import can_hurry, close_open_work, close_step, sooner
from workflows.engine.tasks import Tasks, turn
from workflows.engine.unwind import advance, to_halt, why_stopped
from workflows.engine.watches import Watches
from workflows.journal.port import Lease, Recovery, Request, RunStore, StoreError
from workflows.planning.ready import ready
from workflows.runs import events as e
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import halted, held_by
from workflows.secrets import Redactor, Secrets
from workflows.steps.kind import StepKind

T = TypeVar("T")

_ENDS = {e.ScopeClosed, e.CallFinished, e.CallFailed}
_FOLLOWED = _ENDS | {e.Answered, e.StepsReset, e.BudgetRaised, e.PerformerChosen}
"""What more follows from at once than that its step is decided anew."""


class Driver:
    """Drives one run until it ends or is told to stop. Made by the engine, which holds the lease."""

    def __init__(
        self,
        state: RunState,
        lease: Lease,
        store: RunStore,
        kinds: Mapping[str, StepKind],
        bus: Bus,
        clock: Clock,
        code: Callable[[str], str],
        secrets: Secrets,
        redactor: Redactor,
        places: Places,
        admission: Admission,
        allocator: Allocator,
    ) -> None:
        self.clock = clock
        self.store = store
        self.secrets = secrets
        self.redactor = redactor
        self._ledger = Ledger(state, lease, store, bus, clock, places.felt)
        self.state = self._ledger.state
        """What everything that was posted comes to. Posting changes it: what it holds is looked at anew each time."""
        self._admission = admission
        self._share = Share(allocator, state)
        self._inbox = Inbox()
        self._work = Work(places, state.run_id, state.priority)
        self._kinds = kinds
        self._bus = bus
        self._code = code
        self._wake = asyncio.Event()
        self._tasks = Tasks(self._ended, self.fail)
        self._dirty = {step.id for step in state.steps.values() if not step.over and step.status != "pending"}
        """Steps that something happened to, and in which nothing is under way."""
        self._watches = Watches()
        self._history: Mapping[str, Sequence[Recovery]] = {}
        self.hurried: dict[str, str] = {}
        """Steps that somebody does not want to wait for, and who."""
        self._later: list[Callable[[], None]] = []
        self._stop_why, self._broken = "", False

    @property
    def committed(self) -> RunState:
        """What is durable. It stays as it is."""
        return self._ledger.committed

    # What attempts see (workflows.engine.attempt.Recorder)

    def post(self, *events: e.Event) -> Awaitable[None]:
        """Add events to the next commit. Await what is given back where they must be durable."""
        if not self._wake.is_set():
            self._wake.set()
        commit, posted = self._ledger.post(events)
        share = self._share
        for event in posted:
            step = getattr(event, "step", "")
            if step and (step not in self._tasks.busy or self._watches.watched):
                self._stir(step)
            kind = type(event)
            if kind in _FOLLOWED:
                self._follow(event)
            if share.given:
                share.heard(event, self.state)
        return commit

    def _follow(self, event: e.Event) -> None:
        """What follows an event at once, besides that its step is decided anew."""
        match event:
            case e.ScopeClosed(scope=name):
                if owner := self.state.scopes[name].owner:
                    self._stir(owner)
            case e.Answered(entry=entry):
                self._stir(self.state.inquiries[entry].asked.step)
                self._watches.answered(event)
            case e.StepsReset(steps=names):
                for name in names:
                    self._stir(name)
            case e.PerformerChosen() if not self._share.given:
                self._share.heard(event, self.state)
            case e.CallFinished() | e.CallFailed() | e.BudgetRaised():
                self._watches.make_room()

    def _stir(self, step: str) -> None:
        """Something happened to a step, and may have moved those that hold it."""
        if step not in self._tasks.busy:
            self._dirty.add(step)
        if self._watches.watched:
            self._watches.look(self.state, step)

    def moved(self, step: str) -> asyncio.Future[None]:
        """Done when the step begins or ceases to wait, or the scope of its steps is closed."""
        return self._watches.moved(self.state, step)

    async def away(self, step: str, waiting: Awaitable[T]) -> T:
        """Wait for a person or for time: others use the step's place meanwhile."""
        return await self._work.away(step, waiting)

    def answer_to(self, entry: str) -> asyncio.Future[e.Answered]:
        """The answer to an entry, now or when it comes."""
        return self._watches.answer(self.state, entry)

    def room(self) -> asyncio.Future[None]:
        """Done when a call ends or a budget is raised."""
        return self._watches.room()

    def stream(self, step: str, attempt: int, text: str, *, log: bool = False) -> None:
        """Live text of an attempt, for whoever watches and for the spool."""
        self._bus.publish(Streamed(self.state.run_id, step, attempt, text, log))

    def later(self, act: Callable[[], None]) -> None:
        """Have this done before the next commit, and soon."""
        self._later.append(act)
        self._wake.set()

    # What people do

    async def answer(
        self, entry: str, choice: str, value: Any = None, note: str = "", by: str = "", digest: str = ""
    ) -> None:
        """Answer an inbox entry. Durable on return. Raises UnderstudyError where it does not wait or cannot be so, or
        somebody else's answer was first."""
        inquiry = self.state.inquiries.get(entry)
        if inquiry is not None and inquiry.open and choice == "edit" and inquiry.asked.reason == "approval":
            step = self.state.steps[inquiry.asked.step]
            apply(self.state, e.Answered(entry, choice, value, note, by, digest), self.clock.now(), {})
            await suppose(self, self._kinds[step.planned.kind], step.id, value)
        await self._inbox.answer(self, e.Answered(entry, choice, value, note, by, digest))

    def outcome(self, answered: e.Answered) -> tuple[e.Event, ...]:
        """An answer and what it leads to. Raises UnderstudyError where nothing waits for it, or it does not fit."""
        inquiry = self.state.inquiries.get(answered.entry)
        uses = self.state.steps[inquiry.asked.step].planned.uses if inquiry else ()
        code = {use.reference: self._code(use.reference) for use in uses}
        return apply(self.state, answered, self.clock.now(), code)

    async def pause(self, why: str = "") -> None:
        """Start no new step. Those under way go on."""
        if not self.state.over:
            await self.post(e.RunPaused(why))

    async def proceed(self) -> None:
        """Start steps again after a pause."""
        if self.state.paused and not self.state.over:
            await self.post(e.RunContinued())

    def cancel(self, why: str = "cancelled by a person") -> None:
        """End the run: what is under way is stopped, the rest is not done, but for `finally`. Twice: that neither."""
        self._inbox.cancel(self, why)

    def obey(self, request: Request) -> None:
        """Do what somebody asks for, here or from another process (`id` 0: here). What is so already is not changed."""
        self._inbox.obey(self, request)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return bool(self._stop_why)

    def stuck(self, error: StoreError) -> None:
        """Tell that the journal refuses."""
        self._bus.publish(Stuck(self.state.run_id, error.message, error.hint))

    def stop(self, why: str) -> None:
        """Stop here, in good order, so that the run can be resumed later."""
        self._stop_why = why
        self._wake.set()

    def fail(self, why: str) -> None:
        """Stop because part of the engine died. Said even of a run that only waits: nobody would hear an answer."""
        self._broken = True
        self.stop(f"a fault in the program: {why}")

    # The loop

    async def drive(self) -> RunState:
        """Work until the run is over or stopped. Returns the last durable state. Raises Fenced."""
        self._history = await recoveries_of(self.state.plan, self.store)
        await self._share.learn(self.store, self.state)
        if self.state.queued:
            self._tasks.watch(self._admission.watch(self))
        watched = False
        self._wake.set()
        try:
            while True:
                if not self._stop_why:
                    await turn()  # who waited for the commit goes on, and mostly posts something at once
                    if not watched and not (self._wake.is_set() and self._inbox.is_early(self)):
                        watched = True
                        self._tasks.watch(self._inbox.watch(self))
                    if not self._wake.is_set():
                        await self._wake.wait()
                if self._stop_why:
                    await self._stop_work()
                    break
                await self._advance()
                # What was posted until now is decided. Only what comes while it is written needs another look.
                self._wake.clear()
                try:
                    await self._ledger.write()
                except StoreError as error:
                    await self._ledger.insist(error, lambda: self.stopping)
                self._admission.mind(self.state.status)
                if self.state.over and not self._ledger.waiting:
                    break
        finally:
            self._admission.leave()
            self._share.close()
            await self._tasks.close()
            await self._ledger.close()
        return self.committed

    async def _advance(self) -> None:
        """Decide until nothing changes any more, letting what was started reach its first wait."""
        state = self.state
        while not state.over and not state.queued:
            later, self._later = self._later, []
            for act in later:
                act()
            before = state.seq, self._tasks.launched
            if state.closable:
                await self._halt()
            if self.hurried:
                await self._hurry()
            self._decide_all()
            if (state.seq, self._tasks.launched) == before:
                return
            await turn()  # for tasks to begin and to post what they begin with
            if not (self._dirty or self._later or self.hurried or state.startable or state.closable):
                return

    async def _hurry(self) -> None:
        """Go on sooner with the steps that somebody does not want to wait for."""
        wanted, self.hurried = self.hurried, {}
        for name, by in wanted.items():
            if can_hurry(self.state, self.state.steps.get(name), self.clock.now()):
                await self._tasks.cancel([name])
                self.post(*sooner(self.state.steps[name], by, self.clock.now()))

    def _decide_all(self) -> None:
        state = self.state
        for step in self._work.soon(ready(state)):
            self._begin(step)
        for name in sorted(self._dirty):
            self._dirty.discard(name)
            step = state.steps[name]
            if not step.over and not halted(state, step.scope):
                self._decide_one(step)
        while state.closable and not state.over and (events := advance(state)):
            self.post(*events)

    def _begin(self, step: StepState) -> None:
        """Begin a step that is ready: with its first try, where there is nothing to choose, to ask or to wait for."""
        if not (begins_at_once(step) and self._work.take(step)):
            self.post(*begin(self.state, step))
            return
        events = begin(self.state, step, attempt=1)
        if type(events[-1]) is e.StepStarted:
            action = Perform(step.id, 1, "", "", begun=True)
            self._tasks.launch(step.id, partial(perform, self, self._kinds[step.planned.kind], action))
        else:
            self._work.leave(step.id)
        self.post(*events)

    def _decide_one(self, step: StepState) -> None:
        chance, share = random.random(), self._share  # noqa: S311  # jitter, not a secret
        around = Surroundings(self.clock.now(), chance, self._code, self._past, share.choose)
        decision = decide(self.state, step, around)
        if decision.events:
            self.post(*decision.events)
        match decision.action:
            case Gate() as gate:
                self._tasks.launch(step.id, partial(open_gate, self, self._kinds[step.planned.kind], gate))
            case Perform() as action:
                self._work.claim(step)
                self._tasks.launch(step.id, partial(self._perform, self._kinds[step.planned.kind], action))
            case Wait(until=until):
                self._tasks.launch(step.id, partial(self.clock.sleep, max(0.0, until - self.clock.now())))

    def _past(self, performer: str) -> Sequence[Recovery]:
        return self._history.get(performer, ())

    async def _perform(self, kind: StepKind, action: Perform) -> None:
        """Make one try, when there is a place for it."""
        step, n = action.step, action.n
        if failure := await self._work.enter(step, partial(self._note, step)):
            self.post(e.AttemptStarted(step, n), e.AttemptFinished(step, n, "failed", failure))
        else:
            await perform(self, kind, action)

    def _note(self, step: str, why: str) -> None:
        self.post(e.Noted(step, why))

    def _ended(self, step: str) -> None:
        """Nothing is under way in the step any more. One that is not over is decided anew."""
        self._work.leave(step)
        if not self.state.steps[step].over:
            self._dirty.add(step)
            self._wake.set()

    async def _halt(self) -> None:
        """Stop what is under way in every scope that is being stopped, and say so.

        What holds other steps is stopped by stopping those first: a child workflow still does its `finally`.
        """
        seen: set[str] = set()
        while (scope := to_halt(self.state, seen)) is not None:
            seen.add(scope.name)
            why, leaving = why_stopped(scope), []
            for name in scope.steps:
                step = self.state.steps[name]
                if step.over or step.status == "pending":
                    continue
                inner = [held for held in held_by(self.state, step) if held.open]
                for held in inner:
                    if not held.aborting:
                        self.post(e.ScopeAborted(held.name, why, then="cancel"))
                if not inner:
                    leaving.append(name)
            await self._tasks.cancel(leaving)
            for name in leaving:
                if not (step := self.state.steps[name]).over:
                    self.post(*close_step(step, why, interrupted=False), e.StepFinished(name, "cancelled"))

    async def _stop_work(self) -> None:
        steps = self.state.steps.values()
        under_way = self._broken or any(step.status == "running" or step.retry_at is not None for step in steps)
        await self._tasks.cancel()
        self.post(*close_open_work(self.state, self._stop_why))
        if under_way and not self.state.over:
            self.post(e.RunInterrupted(self._stop_why))
        try:
            await self._ledger.write()
        except StoreError as error:
            self.stuck(error)
