"""What the runs of a period came to: counts, times, cost, the slowest steps, the top errors. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from app.present.figures import timestamp
from app.present.periods import Part, Period
from workflows.journal.breakdown import By, Group, any_item
from workflows.journal.figures import ErrorFigures
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
    mean: float | None
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
    """All of it: whole, by the parts (`unit`: hour, day, week or month) that the period is drawn in, and by kinds."""

    period: Period
    whole: Tally
    unit: str
    parts: tuple[tuple[Part, Tally], ...]
    slowest: tuple[SlowStep, ...]
    errors: tuple[TopError, ...]
    breakdowns: Mapping[By, tuple[Group, ...]]


def statistics(
    period: Period,
    unit: str,
    parts: Sequence[Part],
    breakdowns: Mapping[By, tuple[Group, ...]],
    errors: Sequence[ErrorFigures],
) -> Statistics:
    """The statistics of these breakdowns; those by `part` have the numbers of the parts as keys."""
    of_parts = {int(group.key[0]): group for group in breakdowns.get("part", ())}
    return Statistics(
        period,
        tally(next(iter(breakdowns.get("all", ())), None)),
        unit,
        tuple((part, tally(of_parts.get(number))) for number, part in enumerate(parts)),
        slowest(breakdowns.get("step", ())),
        top_errors(errors),
        breakdowns,
    )


def tally(group: Group | None) -> Tally:
    """What the runs of a group came to; of none, nothing."""
    of = group or Group((), 0)
    return Tally(
        *(of.count, of.succeeded, of.failed, of.cancelled, of.simulated),
        *(of.rate, of.mean, of.p50, of.p95),
        *(of.cost_usd, of.unpriced, of.tokens_in, of.tokens_out),
    )


def slowest(steps: Sequence[Group]) -> tuple[SlowStep, ...]:
    """The steps, those first whose tries mostly take longest."""
    found = []
    for each in steps:
        if each.p50 is not None and each.p95 is not None and each.longest is not None:
            workflow, step, performer = each.key
            times = (each.p50, each.p95, each.longest)
            found.append(SlowStep(workflow, step, performer, each.count, *times, each.longest_in))
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
        **{
            f"by_{by}": [group_document(by, group) for group in found.breakdowns.get(by, ())]
            for by in ("day", "workflow", "version", "model")
        },
    }


KEYS: Mapping[By, tuple[str, ...]] = {
    "workflow": ("workflow",),
    "version": ("workflow", "version"),
    "day": ("day",),
    "model": ("model",),
    "step": ("workflow", "step", "performer"),
}
"""What the parts of a group's key are called."""


def group_document(by: By, group: Group) -> dict[str, Json]:
    """One group as JSON; of steps it is tries that are counted, and they have no cost of their own."""
    counted = "tries" if by == "step" else "runs"
    found: dict[str, Json] = {
        **{name: one_line(text, 400) or None for name, text in zip(KEYS[by], group.key, strict=True)},
        counted: group.count,
        "succeeded": group.succeeded,
        "failed": group.failed,
        "success_rate": None if group.rate is None else round(group.rate, 4),
        "mean_s": None if group.mean is None else round(group.mean, 3),
        "p50_s": None if group.p50 is None else round(group.p50, 3),
        "p95_s": None if group.p95 is None else round(group.p95, 3),
        "longest_s": None if group.longest is None else round(group.longest, 3),
    }
    if by != "step":
        found |= {
            "cancelled": group.cancelled,
            "cost_usd": group.cost_usd,
            "cost_unknown_in": group.unpriced,
            "tokens_in": group.tokens_in,
            "tokens_out": group.tokens_out,
        }
    return found


def _tally_document(tally: Tally) -> dict[str, Json]:
    return {
        "runs": tally.runs,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "cancelled": tally.cancelled,
        "not_over": tally.under_way,
        "simulated": tally.simulated,
        "success_rate": None if tally.rate is None else round(tally.rate, 4),
        "mean_s": None if tally.mean is None else round(tally.mean, 3),
        "p50_s": None if tally.p50 is None else round(tally.p50, 3),
        "p95_s": None if tally.p95 is None else round(tally.p95, 3),
        "cost_usd": tally.cost_usd,
        "cost_unknown_in": tally.unpriced,
        "tokens": {"in": tally.tokens_in, "out": tally.tokens_out},
    }
