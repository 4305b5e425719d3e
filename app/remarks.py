"""What lists say of runs besides their summaries: where one was interrupted, and that the folder it was in is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.present.remarks import stopped_at
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.desk import Desk
    from workflows.journal.port import Summary

MOST = 20
"""Interrupted runs of a list whose events are read; the others are called interrupted, and no more."""


class Remarks:
    """Of the runs that a desk lists. What was read of an interrupted run counts until somebody goes on with it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stopped: dict[tuple[str, float], str] = {}

    async def of(self, runs: Sequence[Summary]) -> Mapping[str, str]:
        """The remark on each run that there is one on, by its id."""
        interrupted = [run for run in runs if run.status == "interrupted"][:MOST]
        stopped = {run.run_id: await self._stopped_at(run) for run in interrupted}
        gone = await asyncio.to_thread(_gone, {run.root for run in runs})
        found = {
            run.run_id: " · ".join(
                filter(None, (stopped.get(run.run_id, ""), "its folder is gone" if run.root in gone else ""))
            )
            for run in runs
        }
        return {run: remark for run, remark in found.items() if remark}

    async def _stopped_at(self, run: Summary) -> str:
        known = (run.run_id, run.updated)
        if known not in self._stopped:
            try:
                self._stopped[known] = stopped_at(await self._desk.state(run.run_id))
            except UnderstudyError:
                return ""  # what is wrong with it is said where it is opened
        return self._stopped[known]


def _gone(roots: set[str]) -> set[str]:
    """Those folders that are not there. Of one that may not be looked into nobody knows."""
    return {root for root in roots if root and not is_there(Path(root))}


def is_there(folder: Path) -> bool:
    """Whether there is such a folder, or nobody can know."""
    try:
        return folder.exists()
    except OSError:
        return True
