"""Statistics of the journal's runs: asked for, and worked out beside whoever waits for them."""

from __future__ import annotations

import asyncio

from app.present.periods import Period
from app.present.statistics import Statistics, statistics
from workflows.journal.figures import FigureStore


async def gather(store: FigureStore, period: Period, now: float, workflow: str = "") -> Statistics:
    """The statistics of the runs that began in the period, of workflows that have this text. Raises StoreError."""
    figures = await store.figures(period.since, workflow)
    return await asyncio.to_thread(statistics, figures, period, now)
