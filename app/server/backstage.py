"""What the parts of the server work with, and what they all ask: whose a run is, and when something happens in it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import field
from typing import TYPE_CHECKING

from workflows.bus import Committed, Notice
from workflows.clock import Clock
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.unattended.port import Standing

if TYPE_CHECKING:
    from app.desk import Desk
    from app.server.queue import Queue
    from app.server.versions import Versions

LOOK_EVERY = 0.5
"""Seconds between looks at a run that another process has: its news comes by the journal alone."""


class Happenings:
    """Tells whoever waits that something became durable in a run of this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def hear(self, notice: Notice) -> None:
        """A subscriber of the bus of each desk."""
        if isinstance(notice, Committed):
            self.tell(notice.run_id)

    def tell(self, run_id: str) -> None:
        """Wake who waits for this run."""
        for event in self._waiting.get(run_id, ()):
            event.set()

    async def wait(self, run_id: str, seconds: float) -> None:
        """Until something happened in the run, or the time is over."""
        event = asyncio.Event()
        self._waiting[run_id].add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[run_id].discard(event)
            if not self._waiting[run_id]:
                del self._waiting[run_id]


@dataclass
class Backstage:
    """The services behind the calls. `closing` is set when the server is about to end."""

    desk: Desk
    standing: Standing
    queue: Queue
    versions: Versions
    clock: Clock
    happenings: Happenings = field(default_factory=Happenings)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = 0.0
    streams: int = 0
    """Event streams that are open."""

    async def state(self, run_id: str) -> RunState:
        """Where a run stands: by its driver where this process has it, in whatever folder, else by the journal."""
        driver = self.queue.driver(run_id)
        return driver.committed if driver is not None else await self.desk.state(run_id)
