"""Statistics as people read them: a row of figures each with its course over the period, and what they leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.present.figures import NOTHING, cost, duration, plural, tokens
from app.present.statistics import Statistics, Tally, TopError
from workflows.records import dataclass


@dataclass(frozen=True)
class Measure:
    """One figure of the whole period, and its value in each part of it; None where there was nothing to measure."""

    name: str
    value: str
    course: Sequence[float | None]


def measures(found: Statistics) -> list[Measure]:
    """Runs, success, durations (the mean, and what 50 and 95 of 100 did not exceed), cost and tokens."""
    whole = found.whole

    def course(of: Callable[[Tally], float | None]) -> list[float | None]:
        return [of(tally) if tally.runs else None for _, tally in found.parts]

    spent = NOTHING if not (whole.tokens_in or whole.tokens_out) else tokens(whole.tokens_in + whole.tokens_out)
    return [
        Measure("runs", str(whole.runs), [tally.runs for _, tally in found.parts]),
        Measure("success", rate(whole.rate), course(lambda tally: tally.rate)),
        Measure("mean", duration(whole.mean), course(lambda tally: tally.mean)),
        Measure("p50", duration(whole.p50), course(lambda tally: tally.p50)),
        Measure("p95", duration(whole.p95), course(lambda tally: tally.p95)),
        Measure("cost", cost(whole.cost_usd, known=not whole.unpriced), course(lambda tally: tally.cost_usd)),
        Measure("tokens", spent, course(lambda tally: tally.tokens_in + tally.tokens_out)),
    ]


def rate(part: float | None) -> str:
    """`95 %`, `99.5 %`; never 100 where one failed."""
    if part is None:
        return NOTHING
    per_cent = part * 100
    return f"{per_cent:.0f} %" if per_cent in (0, 100) else f"{min(max(per_cent, 0.1), 99.9):.1f} %"


def counted(whole: Tally) -> str:
    """`39 succeeded, 2 failed, 1 cancelled, 1 not over`."""
    counts = [
        (whole.succeeded, "succeeded"),
        (whole.failed, "failed"),
        (whole.cancelled, "cancelled"),
        (whole.under_way, "not over"),
    ]
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def remarks(whole: Tally) -> list[str]:
    """What the figures have in them or leave out, where it matters."""
    said = []
    if whole.unpriced:
        said.append(f"of {plural(whole.unpriced, 'run')} some price is not known")
    if whole.simulated:
        said.append(f"{plural(whole.simulated, 'run')} with scripted agents, no AI")
    return said


def error_name(error: TopError) -> str:
    """The class of an error, and the name of its exception where it had one of its own."""
    return f"{error.kind} ({error.name})" if error.name else error.kind


def error_place(error: TopError) -> str:
    """The step in which it was most often, and how many others."""
    more = len(error.steps) - 1
    return error.steps[0] + (f" and {plural(more, 'other step')}" if more else "")
