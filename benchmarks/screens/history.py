"""A journal with a long history: copies of its newest run, each with all its events."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from workflows.journal.sqlite import SqliteStore
from workflows.runs.reduce import replay
from workflows.runs.summary import summarise

TOGETHER = 500
"""Runs that are written at once."""


def fill(journal: Path, runs: int, rare: str) -> None:
    """Add so many runs, all of workflows named `often` but the oldest of them, whose workflow is named `rare`."""
    asyncio.run(_fill(journal, runs, rare))


async def _fill(journal: Path, runs: int, rare: str) -> None:
    store = await SqliteStore.open(journal)
    try:
        run = await store.resolve("last")
        events = await store.read(run)
        summary = summarise(replay(run, events))
        for start in range(0, runs, TOGETHER):
            numbers = range(start, min(start + TOGETHER, runs))
            copies = [
                replace(summary, run_id=f"{number:08x}", workflow="often" if number else rare, started=1e9 + number)
                for number in numbers
            ]
            leases = await asyncio.gather(*(store.create(each.run_id, "benchmark", events, each) for each in copies))
            await asyncio.gather(*map(store.release, leases))
    finally:
        await store.close()
