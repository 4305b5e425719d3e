"""A run's journal as its owner writes it: what is posted is folded into the state at once, and made durable together.

What is posted in one turn of the owner's loop, by however many steps, is one commit. Screens hear of nothing that is
not durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from typing import Any

from workflows.bus import Bus, Committed, Stuck
from workflows.clock import Clock
from workflows.engine.unwind import follow
from workflows.journal.port import Fenced, Lease, RunStore, StoreError, Summary
from workflows.records import write
from workflows.runs import events as e
from workflows.runs.changes import draft_of, sealed
from workflows.runs.reduce import fold, replay
from workflows.runs.state import RunState
from workflows.runs.summary import summarise

MOST_UNSEEN = 512
"""Committed events that are kept while nobody asks what they come to."""

STORAGE_EVERY = 2.0
"""Seconds between tries to write again after the journal refused."""


class Commit:
    """Awaited by whoever must not go on before what they posted is durable. Ceasing to wait takes nothing back."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self._done = False
        self._error: StoreError | None = None

    def __await__(self) -> Generator[Any, None, None]:
        if not self._done:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            yield from future
        if self._error is not None:
            raise self._error

    def settle(self, error: StoreError | None = None) -> None:
        """It is durable, or never will be."""
        self._done, self._error = True, error
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


class Ledger:
    """Events of one run. `state` is what all that were posted come to, `committed` what the durable ones do.

    `state` is one and the same object all the time, and posting changes it: nobody must keep what it holds. What is
    committed never changes any more.
    """

    def __init__(
        self,
        state: RunState,
        lease: Lease,
        store: RunStore,
        bus: Bus,
        clock: Clock,
        felt: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.state = draft_of(state)
        self._known = state
        self._since: list[e.Recorded] = []
        """What was committed after the state that is known: nobody has asked what it comes to yet."""
        self._lease = lease
        self._store = store
        self._bus = bus
        self._clock = clock
        self._felt = felt
        self._given_up = False
        self._summary: Summary | None = None
        self._pending: list[e.Recorded] = []
        self._commits = [Commit()]
        """Those under way, and the next one."""

    @property
    def committed(self) -> RunState:
        """What is durable. Worked out when somebody asks: most states of a run that nobody watches are never seen."""
        if self._since:
            # Where nothing was posted since, the draft has it already.
            self._known = replay(self.state.run_id, self._since, self._known) if self._pending else sealed(self.state)
            self._since = []
        return self._known

    @property
    def waiting(self) -> bool:
        """Whether anything that was posted is still to be made durable: nothing that comes after the run's end is."""
        return bool(self._pending) and not self._given_up

    def post(self, events: tuple[e.Event, ...]) -> tuple[Commit, Sequence[e.Event]]:
        """Fold the events, and what follows from them at once, into the state. Gives back all of them.

        Await the commit where they must be durable.
        """
        draft, now, pending = self.state, self._clock.now(), self._pending
        all_events: Sequence[e.Event] = events
        before = len(pending)
        try:
            for event in events:
                entry = e.Recorded(draft.seq + 1, now, event)
                fold(draft, entry)
                pending.append(entry)
                if type(event) is e.StepFinished and draft.steps[event.step].planned.tell is not None:
                    all_events = (*all_events, *self._follow(event, now))
        except BaseException:
            # All or nothing: what cannot be folded must leave no gap behind.
            del pending[before:]
            write(draft, **replay(draft.run_id, (*self._since, *pending), self._known).__dict__)
            raise
        return self._commits[-1], all_events

    def _follow(self, event: e.StepFinished, now: float) -> tuple[e.Event, ...]:
        """Fold what follows from the end of a step at once."""
        draft = self.state
        following = follow(draft, draft.steps[event.step])
        for each in following:
            entry = e.Recorded(draft.seq + 1, now, each)
            fold(draft, entry)
            self._pending.append(entry)
        return following

    async def insist(self, error: StoreError, stopping: Callable[[], bool]) -> None:
        """The journal refused to write. While it does, wait and try again; nothing is dispatched.

        Gives up where the run is being stopped. Raises Fenced.
        """
        while not isinstance(error, Fenced):
            self._bus.publish(Stuck(self.state.run_id, error.message, error.hint))
            if stopping():
                return
            await self._clock.sleep(STORAGE_EVERY)
            try:
                await self.write()
                return
            except StoreError as again:
                error = again
        raise error

    async def write(self) -> None:
        """Make what was posted durable, once; with the end of the run it is given up. Raises StoreError."""
        if not self.waiting:
            return
        # What is posted while the store works belongs to the next commit, and to another draft.
        events, over = tuple(self._pending), self.state.over
        summary = self._summary = summarise(self.state, self._summary)
        state = sealed(self.state) if self._bus.heard else None
        commits = tuple(self._commits)
        self._commits.append(Commit())
        began = self._clock.monotonic()
        await self._store.append(self._lease, events, summary, over)
        self._given_up = over
        self._felt(self._clock.monotonic() - began)
        del self._pending[: len(events)], self._commits[: len(commits)]
        if state is not None:
            self._known, self._since = state, []
        else:
            self._since += events
            if len(self._since) > MOST_UNSEEN:
                self._known = self.committed
        for commit in commits:
            commit.settle()
        if self._bus.heard:
            self._bus.publish(Committed(self.state.run_id, events, self.committed))

    async def close(self) -> None:
        """Tell whoever still waits that nothing more is written, and give the run up."""
        for commit in self._commits:
            commit.settle(StoreError("The run was stopped before this could be written."))
        if not self._given_up:
            await self._store.release(self._lease)
