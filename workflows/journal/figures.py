"""What runs came to, for statistics: of each run a line, of each step how long its tries took, and how they failed.

It is asked of summaries and attempts, never of events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from workflows.journal.port import Summary
from workflows.journal.reuse import attempts_in
from workflows.records import dataclass
from workflows.runs.events import Recorded

ENDS = ("succeeded", "failed", "timed_out")
"""How tries end by themselves. What was interrupted or cancelled says nothing about how long a step takes."""


@dataclass(frozen=True)
class RunFigures:
    """A run as statistics count it. Times are seconds since the epoch; `finished` is None while it is not over."""

    run_id: str
    workflow: str
    status: str
    started: float
    finished: float | None
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    cost_known: bool
    simulated: bool


@dataclass(frozen=True)
class StepFigures:
    """The tries of one step by one performer that ended by themselves: seconds of each, and the run of the longest."""

    workflow: str
    step: str
    performer: str
    seconds: tuple[float, ...]
    slowest: str


@dataclass(frozen=True)
class ErrorFigures:
    """One way in which a step's tries failed: how often, and the run in which it did last."""

    workflow: str
    step: str
    kind: str
    name: str
    message: str
    times: int
    last: float
    run_id: str


@dataclass(frozen=True)
class Figures:
    """Runs in the order they began; steps and errors in no order."""

    runs: tuple[RunFigures, ...]
    steps: tuple[StepFigures, ...]
    errors: tuple[ErrorFigures, ...]


class FigureStore(Protocol):
    """Whoever can tell what runs came to. May raise StoreError."""

    async def figures(self, since: float | None = None, workflow: str = "") -> Figures:
        """Of all runs that began at or after `since` (seconds since the epoch) and whose workflow has this text.

        Steps that nobody performs by name have no tries here.
        """
        ...


def figures_of(runs: Iterable[tuple[Summary, Iterable[Recorded]]]) -> Figures:
    """The figures of these runs, from the events of their attempts. For stores that keep no tables."""
    listed = sorted(runs, key=lambda run: run[0].started)
    seconds: defaultdict[tuple[str, str, str], list[tuple[float, str]]] = defaultdict(list)
    failed: defaultdict[tuple[str, str, str, str, str], list[tuple[float, str]]] = defaultdict(list)
    for summary, events in listed:
        for attempt in attempts_in(events):
            if (end := attempt.end) is None or end.interrupted or end.status not in ENDS:
                continue
            step, workflow, run_id = attempt.event.step, summary.workflow, summary.run_id
            took = max(attempt.finished - attempt.started, 0.0)
            seconds[workflow, step, attempt.event.performer].append((took, run_id))
            if end.status != "succeeded" and (failure := end.failure) is not None:
                kind = (workflow, step, failure.kind, failure.name, failure.message)
                failed[kind].append((attempt.started, run_id))
    return Figures(
        tuple(_run(summary) for summary, _ in listed),
        tuple(StepFigures(*key, tuple(took for took, _ in all_), max(all_)[1]) for key, all_ in seconds.items()),
        tuple(ErrorFigures(*key, len(all_), *max(all_)) for key, all_ in failed.items()),
    )


def _run(run: Summary) -> RunFigures:
    return RunFigures(
        *(run.run_id, run.workflow, run.status, run.started, run.finished, run.tokens_in, run.tokens_out),
        *(run.cost_usd, run.cost_known, run.simulated),
    )
