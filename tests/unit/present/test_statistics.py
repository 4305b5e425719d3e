"""What figures come to: each run is counted once, and nothing that is not known is counted as nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from app.analytics import gather
from app.present.periods import Period
from app.present.statistics import Statistics, slowest, tally, top_errors
from app.present.tallies import counted, error_place, measures, rate, remarks
from tests.support.journals import recorded, started, summary
from workflows.journal.breakdown import Group
from workflows.journal.figures import ErrorFigures
from workflows.journal.memory import MemoryStore
from workflows.journal.port import Summary

NOW = 1_700_000_000.0
ALL = Period("all", "all time", None)
RUN = summary(
    "r",
    workflow="build",
    status="succeeded",
    started=NOW - 60,
    updated=NOW - 50,
    finished=NOW - 50,
    tokens_in=10,
    tokens_out=5,
    cost_usd=0.25,
)


async def gathered(runs: Iterable[Summary], period: Period) -> Statistics:
    store = MemoryStore()
    for n, run in enumerate(runs):
        await store.create(f"r{n}", "pid 1", recorded(started(run.workflow)), replace(run, run_id=f"r{n}"))
    return await gather(store, period, NOW)


async def test_a_tally_counts_each_run_once() -> None:
    runs = [
        RUN,
        replace(RUN, status="failed", finished=NOW - 30),
        replace(RUN, status="cancelled", finished=NOW, cost_usd=None),
        replace(RUN, status="waiting", finished=None, cost_usd=None, cost_known=False),
        replace(RUN, finished=NOW - 20, simulated=True, cost_usd=0.0),
    ]
    found = (await gathered(runs, ALL)).whole
    assert (found.runs, found.succeeded, found.failed, found.cancelled, found.under_way) == (5, 2, 1, 1, 1)
    assert found.rate == pytest.approx(2 / 3)
    assert (found.p50, found.p95, found.mean) == (30.0, 40.0, pytest.approx(80 / 3))
    assert (found.cost_usd, found.unpriced, found.simulated) == (0.5, 1, 1)
    assert counted(found) == "2 succeeded, 1 failed, 1 cancelled, 1 not over"
    assert remarks(found) == ["of 1 run some price is not known", "1 run with scripted agents, no AI"]


def test_a_tally_of_nothing_claims_nothing() -> None:
    found = tally(None)
    assert (found.runs, found.rate, found.p50, found.cost_usd) == (0, None, None, None)
    assert (counted(found), remarks(found)) == ("", [])


@pytest.mark.parametrize(
    ("part", "text"),
    [(None, "–"), (1.0, "100 %"), (0.0, "0 %"), (0.99999, "99.9 %"), (0.5, "50.0 %"), (0.0001, "0.1 %")],
)
def test_a_rate_is_never_rounded_to_all_or_none(part: float | None, text: str) -> None:
    assert rate(part) == text


def test_the_slowest_steps_lead() -> None:
    found = slowest(
        [
            Group(("build", "each[]>say", "writer"), 3, 3, p50=2.0, p95=9.0, longest=9.0, longest_in="a"),
            Group(("build", "each[]>say", "editor"), 1, 1, p50=20.0, p95=20.0, longest=20.0, longest_in="c"),
            Group(("build", "never", "editor"), 1),
        ]
    )
    assert [(step.step, step.performer, step.tries, step.p50, step.longest, step.run) for step in found] == [
        ("each[]>say", "editor", 1, 20.0, 20.0, "c"),
        ("each[]>say", "writer", 3, 2.0, 9.0, "a"),
    ]


def test_errors_that_differ_in_numbers_only_are_one() -> None:
    found = top_errors(
        [
            ErrorFigures("build", "a", "timeout", "", "no answer in 30 s", 2, NOW, "r1"),
            ErrorFigures("build", "b[1]", "timeout", "", "no answer in 5 s", 3, NOW + 9, "r2"),
            ErrorFigures("build", "b[2]", "timeout", "", "no answer in 5 s", 1, NOW, "r3"),
            ErrorFigures("build", "a", "business", "", "no answer in 5 s", 4, NOW, "r4"),
        ]
    )
    assert [(error.kind, error.times, error.steps, error.run) for error in found] == [
        ("timeout", 6, ("build: b[]", "build: a"), "r2"),
        ("business", 4, ("build: a",), "r4"),
    ]
    assert found[0].message == "no answer in 5 s"
    assert error_place(found[0]) == "build: b[] and 1 other step"


async def test_runs_fall_into_the_part_in_which_they_began() -> None:
    day = 86400.0
    runs = tuple(
        sorted(
            (replace(RUN, started=NOW - n * day, finished=NOW - n * day + 5) for n in (0, 1, 1, 3)),
            key=lambda run: run.started,
        )
    )
    # One begins in what is to come, by a clock that was set back since.
    runs = (*runs, replace(RUN, started=NOW + 9 * day, finished=None, status="running"))
    for period in (Period("all", "all time", None), Period("4d", "4 days", NOW - 3 * day)):
        found = await gathered(runs, period)
        assert found.unit == "day"
        assert [tally.runs for _, tally in found.parts] == [1, 0, 2, 2]
        assert found.whole.runs == 5
        course = {measure.name: measure.course for measure in measures(found)}
        assert course["runs"] == [1, 0, 2, 2]
        assert course["p50"] == [5.0, None, 5.0, 5.0]


async def test_no_runs_at_all_are_statistics_too() -> None:
    found = await gathered((), ALL)
    assert (found.whole.runs, len(found.parts), found.slowest, found.errors) == (0, 1, (), ())
