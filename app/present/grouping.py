"""Which runs move by themselves and which are looked back at: the same on the first screen, drawn or as lines."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.journal.port import Summary, Waiting


def going_on(waiting: Sequence[Waiting], runs: Sequence[Summary]) -> list[Summary]:
    """The runs that move by themselves: those that wait for a person are listed as that, and only there."""
    needing = {entry.run_id for entry in waiting}
    return [
        run
        for run in runs
        if run.status in ("running", "pending") or (run.status in ("waiting", "paused") and run.run_id not in needing)
    ]


def looked_back_at(waiting: Sequence[Waiting], runs: Sequence[Summary]) -> list[Summary]:
    """The others that need nobody: those that are over, and those that were interrupted."""
    listed = {entry.run_id for entry in waiting} | {run.run_id for run in going_on(waiting, runs)}
    return [run for run in runs if run.run_id not in listed]
