"""Where one run stands: told by this process's engine where it owns the run, else read from the journal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from app.desk import Desk
from app.present.story import Sentence, tell
from workflows.journal.port import Query, Summary
from workflows.journal.tail import Tail
from workflows.runs.events import Recorded
from workflows.runs.reduce import reduce
from workflows.runs.state import RunState

TAIL = 256 * 1024
"""Bytes of an attempt's text that are shown of what came before somebody looked."""


class RunWatch:
    """The state of a run and its journal so far. Reading costs only what is new."""

    def __init__(self, desk: Desk, run: str) -> None:
        self._desk = desk
        self.run = run
        self.state = RunState(run)
        self.journal: list[Recorded] = []
        self.summary: Summary | None = None
        self._mark: object = self
        self._sentences: dict[int, Sentence] = {}

    @property
    def own(self) -> bool:
        """Whether this process drives the run."""
        return self.run in self._desk.services.engine.drivers

    @property
    def status(self) -> str:
        """The run's status; `interrupted` where it says that it runs and nobody drives it."""
        if self.own or self.state.over or self.summary is None:
            return self.state.status
        return self.summary.status

    @property
    def other_owner(self) -> str:
        """The other process that drives the run; empty where there is none."""
        return self.summary.owner if self.summary and not self.own and not self.state.over else ""

    @property
    def resumable(self) -> bool:
        """Whether the run is not over and nobody drives it."""
        return not self.own and not self.state.over and self.summary is not None and not self.summary.owner

    async def look(self) -> tuple[Recorded, ...]:
        """Read what is new in the journal. Raises StoreError."""
        self._mark = self._desk.services.store.mark()
        # Who owns it is read first: one that is over meanwhile is seen to be over, not to be left by its owner.
        summaries = await self._desk.runs(Query(ids=(self.run,)))
        events = await self._desk.services.store.read(self.run, after=self.state.seq)
        self.summary = summaries[0] if summaries else None
        # Another task may have come first while this one was reading.
        return self._take([recorded for recorded in events if recorded.seq > self.state.seq])

    def moved(self) -> bool:
        """Whether anything was written to the journal since it was looked at. Costs next to nothing."""
        return self._desk.services.store.mark() != self._mark

    def hear(self, events: Iterable[Recorded]) -> tuple[Recorded, ...]:
        """Take what the engine told. Returns what is new of it."""
        return self._take([recorded for recorded in events if recorded.seq > self.state.seq])

    def _take(self, events: list[Recorded]) -> tuple[Recorded, ...]:
        state = self.state
        for recorded in events:
            state = reduce(state, recorded)
        self.state = state
        self.journal += events
        return tuple(events)

    def told(self, recorded: Recorded) -> Sentence:
        """What an event says. Made once: a log is told anew whenever another step is looked at."""
        sentence = self._sentences.get(recorded.seq)
        if sentence is None:
            sentence = self._sentences[recorded.seq] = tell(recorded.event, self.state)
        return sentence

    def text(self, step: str, attempt: int, *, log: bool = False, whole: bool = False) -> str:
        """What an attempt said so far, its end where it is long, unless the `whole` of it is wanted; not cleaned."""
        if not whole:
            return self.tail(step, attempt, log=log).read()
        self._desk.services.spool.flush()
        tail = self._desk.services.spool.follow(self.run, step, attempt, sys.maxsize, log=log)
        return "".join(iter(tail.read, ""))

    def tail(self, step: str, attempt: int, *, log: bool = False) -> Tail:
        """What an attempt said so far, its end where it is long, and what it says from then on; not cleaned."""
        self._desk.services.spool.flush()
        return self._desk.services.spool.follow(self.run, step, attempt, TAIL, log=log)
