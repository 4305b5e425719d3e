"""What the runs of a period came to: counts, times, cost, the slowest steps, the top errors. Pure."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence

from app.present.figures import timestamp
from app.present.periods import Part, Period, parts_of
from workflows.journal.figures import ErrorFigures, Figures, RunFigures, StepFigures
from workflows.records import dataclass
from workflows.text import one_line
from workflows.values import Json

MOST = 50
"""Steps and errors that are told of."""


@dataclass(frozen=True)
class Tally:
    """What some runs came to. Times are seconds from the start to the end of a run, waits for people among them.

    `rate` is the part of those that succeeded among those that succeeded or failed; None where there is none.
    `cost_usd` is None where no model was asked; `unpriced` are runs of which some price is not known.
    """

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    simulated: int
    rate: float | None
    p50: float | None
    p95: float | None
    cost_usd: float | None
    unpriced: int
    tokens_in: int
    tokens_out: int

    @property
    def under_way(self) -> int:
        """Runs that are not over: they run, wait, or were left."""
        return self.runs - self.succeeded - self.failed - self.cancelled


@dataclass(frozen=True)
class SlowStep:
    """How long the tries of a step took, in seconds; items of a list count as one step. `run` had the longest."""

    workflow: str
    step: str
    performer: str
    tries: int
    p50: float
    p95: float
    longest: float
    run: str


@dataclass(frozen=True)
class TopError:
    """How often tries failed in one way; `steps` are the steps in which they did, and `run` is where it was last."""

    kind: str
    name: str
    message: str
    times: int
    steps: tuple[str, ...]
    last: float
    run: str


@dataclass(frozen=True)
class Statistics:
    """All of it: whole, and by the parts (`unit`: hour, day, week or month) that the period is drawn in."""

    period: Period
    whole: Tally
    unit: str
    parts: tuple[tuple[Part, Tally], ...]
    slowest: tuple[SlowStep, ...]
    errors: tuple[TopError, ...]


def statistics(figures: Figures, period: Period, now: float) -> Statistics:
    """The statistics of these figures; the time zone is that of here."""
    since = period.since
    if since is None:
        since = min((run.started for run in figures.runs), default=now)
    unit, parts = parts_of(since, now)
    starts = [part.start for part in parts]
    found: defaultdict[int, list[RunFigures]] = defaultdict(list)
    for run in figures.runs:
        # A clock that was set back has begun runs in what is to come: they count to the last part.
        found[max(bisect_right(starts, run.started) - 1, 0)].append(run)
    return Statistics(
        period,
        tally(figures.runs),
        unit,
        tuple((part, tally(found[place])) for place, part in enumerate(parts)),
        slowest(figures.steps),
        top_errors(figures.errors),
    )


def tally(runs: Sequence[RunFigures]) -> Tally:
    """What these runs came to."""
    statuses = Counter(run.status for run in runs)
    succeeded, failed, cancelled = (statuses[status] for status in ("succeeded", "failed", "cancelled"))
    over = succeeded + failed
    # How long until somebody gave up says nothing about how long such a run takes.
    took = sorted(
        max(run.finished - run.started, 0.0)
        for run in runs
        if run.finished is not None and run.status in ("succeeded", "failed")
    )
    costs = [run.cost_usd for run in runs if run.cost_usd is not None]
    return Tally(
        len(runs),
        succeeded,
        failed,
        cancelled,
        sum(run.simulated for run in runs),
        succeeded / over if over else None,
        percentile(took, 50),
        percentile(took, 95),
        math.fsum(costs) if costs else None,
        sum(not run.cost_known for run in runs),
        sum(run.tokens_in for run in runs),
        sum(run.tokens_out for run in runs),
    )


def percentile(values: Sequence[float], per_cent: int) -> float | None:
    """The least of the sorted values that so many per cent of them do not exceed (nearest rank); None of none."""
    return values[max(math.ceil(len(values) * per_cent / 100), 1) - 1] if values else None


def slowest(steps: Sequence[StepFigures]) -> tuple[SlowStep, ...]:
    """The steps, those first whose tries mostly take longest."""
    together: defaultdict[tuple[str, str, str], list[StepFigures]] = defaultdict(list)
    for each in steps:
        together[each.workflow, any_item(each.step), each.performer].append(each)
    found = []
    for key, all_ in together.items():
        seconds = sorted(each for some in all_ for each in some.seconds)
        p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
        assert p50 is not None  # who has tries has their times
        assert p95 is not None
        longest = max(all_, key=lambda some: max(some.seconds))
        found.append(SlowStep(*key, len(seconds), p50, p95, seconds[-1], longest.slowest))
    return tuple(sorted(found, key=lambda step: (-step.p50, -step.longest, step.workflow, step.step))[:MOST])


def top_errors(errors: Sequence[ErrorFigures]) -> tuple[TopError, ...]:
    """The errors, the most frequent first. Those that differ in numbers only, such as a line or a port, are one."""
    together: defaultdict[tuple[str, str, str], list[ErrorFigures]] = defaultdict(list)
    for each in errors:
        together[each.kind, each.name, re.sub(r"\d+", "0", each.message)].append(each)
    found = []
    for (kind, name, _), all_ in together.items():
        steps = Counter[str]()
        for each in all_:
            steps[f"{each.workflow}: {any_item(each.step)}"] += each.times
        newest = max(all_, key=lambda each: each.last)
        times = sum(each.times for each in all_)
        places = tuple(step for step, _ in steps.most_common())
        found.append(TopError(kind, name, newest.message, times, places, newest.last, newest.run_id))
    return tuple(sorted(found, key=lambda error: (-error.times, -error.last, error.message))[:MOST])


def any_item(step: str) -> str:
    """The address without the numbers of items: `each[3]>write` is `each[]>write`."""
    return re.sub(r"\[\d+\]", "[]", step)


def statistics_document(found: Statistics) -> Json:
    """The statistics as JSON; times are seconds."""
    from app.present.run import SCHEMA_VERSION

    return {
        "schema_version": SCHEMA_VERSION,
        "period": {"name": found.period.name, "since": timestamp(found.period.since)},
        **_tally_document(found.whole),
        "unit": found.unit,
        "parts": [
            {"start": timestamp(part.start), "end": timestamp(part.end), **_tally_document(tally)}
            for part, tally in found.parts
        ],
        "slowest_steps": [
            {
                "workflow": step.workflow,
                "step": step.step,
                "performer": step.performer,
                "tries": step.tries,
                "p50_s": round(step.p50, 3),
                "p95_s": round(step.p95, 3),
                "longest_s": round(step.longest, 3),
                "run": step.run,
            }
            for step in found.slowest
        ],
        "top_errors": [
            {
                "class": error.kind,
                "name": error.name or None,
                "message": one_line(error.message, 2000),
                "times": error.times,
                "steps": list(error.steps),
                "last": timestamp(error.last),
                "run": error.run,
            }
            for error in found.errors
        ],
    }


def _tally_document(tally: Tally) -> dict[str, Json]:
    return {
        "runs": tally.runs,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "cancelled": tally.cancelled,
        "not_over": tally.under_way,
        "simulated": tally.simulated,
        "success_rate": None if tally.rate is None else round(tally.rate, 4),
        "p50_s": None if tally.p50 is None else round(tally.p50, 3),
        "p95_s": None if tally.p95 is None else round(tally.p95, 3),
        "cost_usd": tally.cost_usd,
        "cost_unknown_in": tally.unpriced,
        "tokens": {"in": tally.tokens_in, "out": tally.tokens_out},
    }
