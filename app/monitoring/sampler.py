"""Takes samples: asks the journal how runs go, and the machine what they use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from app.monitoring.facts import Use
from app.monitoring.processes import Processes
from app.monitoring.sample import MINUTE, Sample, sampled
from workflows.journal.pulse import PulseStore
from workflows.unattended.port import Standing

QUEUE = 1000
"""Starts that wait, of which the number is told."""


class Source(PulseStore, Protocol):
    """The journal, as far as a sample needs it."""

    @property
    def standing(self) -> Standing: ...


class Measuring(Protocol):
    """Whoever can tell what this process and others use, as `Processes` can."""

    def use(self, numbers: Iterable[int] = ()) -> Use: ...


class Sampler:
    """One for each who looks: how busy processes were is measured from sample to sample."""

    def __init__(self, store: Source, processes: Measuring | None = None) -> None:
        self._store = store
        self._processes = processes or Processes()

    async def sample(self, now: float) -> Sample:
        """How it goes at `now` (seconds since the epoch). Raises StoreError."""
        pulse = await self._store.pulse()
        use = await asyncio.to_thread(self._processes.use, {run.process for run in pulse.runs})
        lately = await self._store.lately(now - MINUTE)
        starts = await self._store.standing.starts(("queued",), QUEUE)
        lasting = await self._store.standing.alerts(lasting=True)
        return sampled(now, pulse, lately, use, len(starts), lasting)
