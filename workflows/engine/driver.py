"""One run's owner: the only one who adds to its journal. Folds what is posted, decides what is next, commits, goes on.

What is posted in one turn of the loop, by however many steps, is one commit; the end of a step and the start of the
next are in the same one. Steps begin before their first events are durable, which is safe because they act only
through their context, and that waits. Screens hear of nothing that is not durable.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from workflows.bus import Bus, Committed, Streamed, Stuck
from workflows.clock import Clock
from workflows.engine.attempt import open_gate, perform
from workflows.engine.choices import apply
from workflows.engine.decide import Gate, Perform, Surroundings, Wait, begin, conclude, decide
from workflows.engine.recovery import close_open_work, close_step
from workflows.errors import UnderstudyError
from workflows.journal.port import Fenced, Lease, RunStore, StoreError
from workflows.planning.ready import ready
from workflows.runs import events as e
from workflows.runs.reduce import reduce
from workflows.runs.state import RunState
from workflows.runs.summary import summarise
from workflows.steps.kind import StepKind

ANSWERS_EVERY = 0.5
"""Seconds between looks for answers that other processes left."""

STORAGE_EVERY = 2.0
"""Seconds between tries to write again after the journal refused."""


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
    ) -> None:
        self.state = state
        self.committed = state
        self.clock = clock
        self._lease = lease
        self._store = store
        self._kinds = kinds
        self._bus = bus
        self._code = code
        self._pending: list[tuple[tuple[e.Recorded, ...], asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._dirty: set[str] = set(state.steps)
        self._answers: dict[str, asyncio.Future[e.Answered]] = {}
        self._stop_why = ""
        self._cancel_why = ""
        self._random = random.Random()  # noqa: S311  # jitter, not a secret

    # What attempts see (workflows.engine.attempt.Recorder)

    def post(self, *events: e.Event) -> asyncio.Future[None]:
        """Fold the events into the state and add them to the next commit."""
        recorded = []
        for event in events:
            entry = e.Recorded(self.state.seq + 1, self.clock.now(), event)
            self.state = reduce(self.state, entry)
            recorded.append(entry)
            if step := getattr(event, "step", None):
                self._dirty.add(step)
            if isinstance(event, e.Answered):
                self._dirty.add(self.state.inquiries[event.entry].asked.step)
                waiting = self._answers.pop(event.entry, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(event)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Nobody may be waiting; an error then has been dealt with by the loop.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pending.append((tuple(recorded), future))
        self._wake.set()
        return future

    def answer_to(self, entry: str) -> asyncio.Future[e.Answered]:
        """The answer to an entry, now or when it comes."""
        answer = self.state.inquiries[entry].answer
        future: asyncio.Future[e.Answered] = asyncio.get_running_loop().create_future()
        if answer is not None:
            future.set_result(answer)
            return future
        self._answers[entry] = future
        return future

    def stream(self, step: str, attempt: int, text: str, *, log: bool = False) -> None:
        """Live text of an attempt, for whoever watches and for the spool."""
        self._bus.publish(Streamed(self.state.run_id, step, attempt, text, log))

    # What people do

    async def answer(
        self, entry: str, choice: str, value: Any = None, note: str = "", by: str = "", digest: str = ""
    ) -> None:
        """Answer an inbox entry. Durable on return. Raises UnderstudyError where it does not wait or cannot be so."""
        inquiry = self.state.inquiries.get(entry)
        uses = self.state.plan.by_id[inquiry.asked.step].uses if inquiry else ()
        code = {use.reference: self._code(use.reference) for use in uses}
        answered = e.Answered(entry, choice, value, note, by, digest)
        await asyncio.shield(self.post(*apply(self.state, answered, self.clock.now(), code)))

    async def pause(self, why: str = "") -> None:
        """Start no new step. Those under way go on."""
        await asyncio.shield(self.post(e.RunPaused(why)))

    async def proceed(self) -> None:
        """Start steps again after a pause."""
        await asyncio.shield(self.post(e.RunContinued()))

    def cancel(self, why: str = "cancelled by a person") -> None:
        """End the run: what is under way is stopped, the rest is not done."""
        self._cancel_why = why
        self._wake.set()

    def stop(self, why: str) -> None:
        """Stop here, in good order, so that the run can be resumed later."""
        self._stop_why = why
        self._wake.set()

    # The loop

    async def drive(self) -> RunState:
        """Work until the run is over or stopped. Returns the last durable state. Raises Fenced."""
        watcher = asyncio.create_task(self._watch_inbox())
        self._wake.set()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._stop_why:
                    await self._stop_work()
                    break
                await self._advance()
                if self._pending:
                    await self._commit()
                if self.state.over and not self._pending:
                    break
        finally:
            watcher.cancel()
            await self._cancel_tasks()
            for _, future in self._pending:
                if not future.done():
                    future.set_exception(StoreError("The run was stopped before this could be written."))
            await self._store.release(self._lease)
        return self.committed

    async def _advance(self) -> None:
        """Decide until nothing changes any more, letting what was started reach its first wait."""
        while not self.state.over:
            if self.state.aborting or self._cancel_why:
                await self._end_early()
                return
            seen = self.state.seq
            self._decide_all()
            # Two turns of the loop: one for a task to begin, one for it to post what it begins with.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            if self.state.seq == seen and not self._dirty - self._busy.keys():
                return

    def _decide_all(self) -> None:
        for planned in ready(self.state):
            self.post(*begin(self.state, planned))
        for step in sorted(self._dirty - self._busy.keys(), key=self.state.plan.order.__getitem__):
            self._dirty.discard(step)
            self._decide_one(step)
        if self.state.all_over and not self.state.over and (end := conclude(self.state)) is not None:
            self.post(end)

    def _decide_one(self, step: str) -> None:
        planned = self.state.plan.by_id[step]
        around = Surroundings(self.clock.now(), self._random.random(), self._code)
        decision = decide(self.state, planned, around)
        if decision.events:
            self.post(*decision.events)
        kind = self._kinds[planned.kind]
        match decision.action:
            case Gate() as gate:
                self._launch(step, open_gate(self, kind, planned, gate))
            case Perform() as action:
                self._launch(step, perform(self, kind, planned, action))
            case Wait(until=until):
                self._launch(step, self.clock.sleep(max(0.0, until - self.clock.now())))

    def _launch(self, step: str, work: Coroutine[Any, Any, None]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            self._busy.pop(step, None)
            self._dirty.add(step)
            self._wake.set()

        task = asyncio.create_task(work, name=f"{self.state.run_id}/{step}")
        self._busy[step] = task
        task.add_done_callback(ended)

    async def _end_early(self) -> None:
        """A failure or a person ended the run: stop what is under way, then say so."""
        await self._cancel_tasks()
        why = self._cancel_why or f"{self.state.aborting} failed"
        for step in self.state.steps.values():
            if not step.over and step.status != "pending":
                self.post(*close_step(step, why, interrupted=False), e.StepFinished(step.id, "cancelled"))
        if self._cancel_why:
            self.post(e.RunFinished("cancelled"))
        elif (end := conclude(self.state)) is not None:
            self.post(end)

    async def _stop_work(self) -> None:
        under_way = any(step.status == "running" or step.retry_at is not None for step in self.state.steps.values())
        await self._cancel_tasks()
        self.post(*close_open_work(self.state, self._stop_why))
        if under_way and not self.state.over:
            self.post(e.RunInterrupted(self._stop_why))
        try:
            await self._write()
        except StoreError as error:
            self._bus.publish(Stuck(self.state.run_id, error.message, error.hint))

    async def _cancel_tasks(self) -> None:
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _commit(self) -> None:
        """Make what was posted durable. While the journal refuses, wait and try again; nothing is dispatched."""
        while True:
            try:
                await self._write()
                return
            except Fenced:
                raise
            except StoreError as error:
                self._bus.publish(Stuck(self.state.run_id, error.message, error.hint))
                if self._stop_why:
                    return
                await self.clock.sleep(STORAGE_EVERY)

    async def _write(self) -> None:
        # A copy: what is posted while the store works belongs to the next commit.
        batch, state = tuple(self._pending), self.state
        if not (events := tuple(recorded for group, _ in batch for recorded in group)):
            return
        await self._store.append(self._lease, events, summarise(state))
        self._pending = self._pending[len(batch) :]
        self.committed = state
        for _, future in batch:
            if not future.done():
                future.set_result(None)
        self._bus.publish(Committed(state.run_id, events, state))

    async def _watch_inbox(self) -> None:
        """Take answers that other processes left, and the default where a question's time has run out."""
        taken: set[int] = set()
        while True:
            for inquiry in self.state.open_inquiries:
                if inquiry.asked.until is not None and inquiry.asked.until <= self.clock.now():
                    await self._answer_quietly(inquiry.asked.entry, inquiry.asked.default or "deny", by="default")
            if self.state.open_inquiries:
                await self._take_answers(taken)
            await self.clock.sleep(ANSWERS_EVERY)

    async def _take_answers(self, taken: set[int]) -> None:
        try:
            answers = await self._store.answers(self.state.run_id)
        except StoreError:
            return  # the next look may do better, and writing says so anyway
        for answer in answers:
            if answer.id not in taken:
                taken.add(answer.id)
                await self._answer_quietly(
                    answer.entry, answer.choice, answer.value, answer.note, answer.by, answer.digest
                )

    async def _answer_quietly(self, entry: str, choice: str, *rest: Any, by: str = "") -> None:
        try:
            if rest:
                await self.answer(entry, choice, *rest)
            else:
                await self.answer(entry, choice, by=by)
        except UnderstudyError:
            # Somebody else was quicker, or what waits has changed; the entry itself says so.
            return
