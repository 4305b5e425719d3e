"""Brings what waits in runs that nobody attends to people, by the channel that the workflow names.

One message an entry. That it was brought is an event of the run, so a restart neither repeats nor forgets it; where a
process dies in between, the message is sent again under the same key, by which the other side can tell that it is the
same one. A channel that fails is tried again for as long as the entry waits, and the run's story says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from workflows.bus import Bus, Committed, Notice, Streamed
from workflows.clock import Clock
from workflows.engine.engine import Engine
from workflows.errors import CallFailed, Failure, OutcomeUnknown
from workflows.runs import events as e
from workflows.runs.state import Inquiry, RunState
from workflows.secrets import Redactor
from workflows.text import one_line
from workflows.values import digest

if TYPE_CHECKING:
    from pathlib import Path

    from skills.channels.channels import Channels

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds before a channel that failed is tried again, each time twice as many."""

PATIENCE = 60.0
"""Seconds that a channel may take for a message."""

AT_ONCE = 4
"""Messages that are sent side by side: a list of a thousand items may ask a thousand times."""

PASSES = frozenset({"transient", "rate_limited", "timeout", "resource", "unknown"})
"""The classes of failures of a channel that may be over by the next time."""

SAYS_MORE = frozenset({e.Asked, e.RunResumed})
"""What people may have to be told of: something new, or what was not told when another process ended."""

_log = logging.getLogger(__name__)


class Attention:
    """Tells people for the runs of one process. `link` gives where an entry can be answered; empty where nowhere."""

    def __init__(
        self,
        engine: Engine,
        bus: Bus,
        channels: Callable[[], Channels],
        clock: Clock,
        redactor: Redactor,
        root: Path,
        link: Callable[[RunState, Inquiry, str], Awaitable[str]],
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._channels = channels
        self._clock = clock
        self._redactor = redactor
        self._root = root
        self._link = link
        self._telling: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._side_by_side = asyncio.Semaphore(AT_ONCE)

    def hear(self, notice: Notice) -> None:
        """Begin to tell of what waits, where something new does. Does not block."""
        if not isinstance(notice, Committed) or notice.state.attended or not notice.state.unanswered:
            return
        if not any(type(recorded.event) in SAYS_MORE for recorded in notice.events):
            return
        for inquiry in notice.state.open_inquiries:
            key = notice.run_id, inquiry.asked.entry
            if key not in self._telling and not _was_told(inquiry):
                task = asyncio.create_task(self._tell(*key), name=f"tell of {inquiry.asked.entry}")
                self._telling[key] = task
                task.add_done_callback(partial(self._told, key))

    def _told(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._telling.pop(key, None)

    async def close(self) -> None:
        """Leave what is not told yet to whoever goes on with the runs."""
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, run_id: str, entry: str) -> None:
        from workflows.engine.silence import unattended_of

        wait, first = FIRST_WAIT, True
        while (found := self._waiting(run_id, entry)) is not None:
            state, inquiry = found
            step = state.steps[inquiry.asked.step]
            said = unattended_of(state, step)
            if said is None:
                return
            failure = await self._deliver(state, inquiry, said.channel)
            if failure is None:
                self._post(run_id, entry, e.PersonTold(entry, said.channel))
                return
            why = one_line(failure.message, 300)
            _log.warning("%s was not told of %s in run %s: %s", said.channel, entry, run_id, why)
            until, wait = inquiry.asked.until, max(wait, failure.retry_after or 0.0)
            if failure.kind not in PASSES or (until is not None and self._clock.now() + wait >= until):
                self._post(run_id, entry, e.PersonTold(entry, said.channel, why))
                return
            if first:
                self._post(run_id, entry, e.Noted(step.id, f"{said.channel} could not be told yet: {why}"))
                first = False
            await self._clock.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _waiting(self, run_id: str, entry: str) -> tuple[RunState, Inquiry] | None:
        """The entry, where it still waits in a run of this process."""
        driver = self._engine.drivers.get(run_id)
        if driver is None or driver.stopping or driver.state.over:
            return None
        inquiry = driver.committed.inquiries.get(entry)
        waits = inquiry is not None and inquiry.open and not driver.committed.steps[inquiry.asked.step].over
        return (driver.committed, inquiry) if inquiry is not None and waits else None

    def _post(self, run_id: str, entry: str, event: e.Event) -> None:
        driver = self._engine.drivers.get(run_id)
        if driver is not None and not driver.stopping and not driver.state.over:
            driver.post(event)

    async def _deliver(self, state: RunState, inquiry: Inquiry, channel: str) -> Failure | None:
        """Why the channel did not take the message; None where it did."""
        from app.present.attention import message_of
        from app.present.inquiry import present_inquiry

        entry = inquiry.asked.entry
        try:
            # The run's log, which the terminal's messages are part of, is read by others than those who may answer.
            link = await self._link(state, inquiry, channel) if channel != "terminal" else ""
            text = self._redactor.redact(message_of(state, inquiry, present_inquiry(state, inquiry), link))
            key = digest(["attention", state.run_id, entry, channel])[:40]
            async with self._side_by_side, asyncio.timeout(PATIENCE):
                await self._channels().deliver(channel, text, key, self._root, literal=True)
        except (CallFailed, OutcomeUnknown) as error:
            return error.failure
        except TimeoutError:
            return Failure("timeout", f"it took longer than {PATIENCE:g} s")
        except Exception as error:  # a channel that has a fault must not silence the others, and the story says so
            _log.exception("telling %s of %s", channel, entry)
            return Failure("unknown", f"{type(error).__name__}: {error}")
        if channel == "terminal":
            step = state.steps[inquiry.asked.step]
            self._bus.publish(Streamed(state.run_id, step.id, len(step.attempts), text, log=True))
        return None


def _was_told(inquiry: Inquiry) -> bool:
    return inquiry.told is not None and not inquiry.told.failed
