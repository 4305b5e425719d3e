"""From the bus to the screens: the only subscriber. What comes faster than a frame is put together first."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message import Message

from workflows.bus import Bus, Committed, Notice, Streamed, Stuck
from workflows.records import dataclass
from workflows.runs.events import Recorded
from workflows.runs.state import RunState

FRAME = 1 / 30
"""Seconds for which text and states are gathered."""


Source = tuple[str, str, int, bool]
"""A text: run, step, attempt, and whether it is the log."""


@dataclass
class RunAdvanced(Message):
    """These events of a run of this process became durable; `state` is the run after them."""

    run: str
    events: tuple[Recorded, ...]
    state: RunState


@dataclass
class TextArrived(Message):
    """Live text of an attempt, as it came: not cleaned yet. `end` is how many characters there were with it."""

    run: str
    step: str
    attempt: int
    text: str
    log: bool
    end: int = 0


@dataclass
class JournalStuck(Message):
    """The journal cannot be written; the run goes on by itself when it can."""

    run: str
    message: str
    hint: str


class Bridge:
    """Subscribes to a bus. `deliver` hands on a message; `after(seconds, then)` calls once, later, on the same loop.

    `now` is the time, in seconds since the epoch.
    """

    def __init__(
        self,
        bus: Bus,
        deliver: Callable[[Message], None],
        after: Callable[[float, Callable[[], object]], object],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._now = now
        self._deliver = deliver
        self._after = after
        self._scheduled = False
        self._texts: dict[Source, list[str]] = {}
        self._heard_of: dict[Source, int] = {}
        self._heard_at: dict[tuple[str, str, int], float] = {}
        self._advanced: dict[str, tuple[list[Recorded], RunState]] = {}
        self.close = bus.subscribe(self._heard)

    def _heard(self, notice: Notice) -> None:
        match notice:
            case Streamed(run, step, attempt, text, log):
                source = (run, step, attempt, log)
                self._heard_at[run, step, attempt] = self._now()
                self._texts.setdefault(source, []).append(text)
                self._heard_of[source] = self._heard_of.get(source, 0) + len(text)
            case Committed(run, events, state):
                known = self._advanced.get(run)
                self._advanced[run] = ([*(known[0] if known else ()), *events], state)
            case Stuck(run, message, hint):
                self._deliver(JournalStuck(run, message, hint))
                return
        if not self._scheduled:
            self._scheduled = True
            self._after(FRAME, self.flush)

    def flush(self) -> bool:
        """Hand on what was gathered: text before the states that may end it. Whether there was anything."""
        texts, advanced = self._texts, self._advanced
        self._texts, self._advanced, self._scheduled = {}, {}, False
        for (run, step, attempt, log), parts in texts.items():
            self._deliver(TextArrived(run, step, attempt, "".join(parts), log, self.heard(run, step, attempt, log)))
        for run, (events, state) in advanced.items():
            self._deliver(RunAdvanced(run, tuple(events), state))
        return bool(texts or advanced)

    def heard_at(self, run: str, step: str, attempt: int) -> float:
        """When the last text of an attempt came (seconds since the epoch); 0 where none did."""
        return self._heard_at.get((run, step, attempt), 0.0)

    def heard(self, run: str, step: str, attempt: int, log: bool) -> int:
        """How many characters of this text came over the bus so far, those not handed on yet among them."""
        return self._heard_of.get((run, step, attempt, log), 0)
