"""The small form of the crash and recovery proofs; `./dev proof crash` and `./dev proof recovery` play all points.

A few points of each workflow are killed here, spread over all that there are. Each planted fault shows that the proof
would find a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.proof import crash, recovery
from tests.proof.conftest import with_strace
from tests.proof.faults import FAULTS
from tests.proof.invariants import Outcome, violations
from tests.proof.lanes import Lane
from tests.proof.points import Point, look_at_start, sample

LEAST = {True: 400, False: 150}
"""How many points there are at least, with strace and without; fewer would mean that the proof has lost its teeth."""

Looked = Callable[[Lane, bool], tuple[Outcome, tuple[Point, ...]]]

ways = pytest.mark.parametrize("strace", [pytest.param(True, marks=with_strace), False], ids=["strace", "wrapper"])


@pytest.fixture(scope="module")
def looked() -> Looked:
    """What a run that nobody disturbs comes to, and its points: looked at once for each workflow and way."""
    return cache(lambda lane, strace: look_at_start(lane, strace=strace))


@pytest.fixture(scope="module")
def clean(lane: Lane, looked: Looked) -> Outcome:
    return looked(lane, False)[0]


@ways
def test_killed_at_any_write_the_run_is_taken_to_the_same_end(any_lane: Lane, looked: Looked, strace: bool) -> None:
    outcome, points = looked(any_lane, strace)
    assert len(points) >= LEAST[strace]
    results = [crash.play(any_lane, point, outcome) for point in sample(points, 12 if strace else 8)]
    assert [(str(result.point), result.violations) for result in results if result.violations] == []
    assert sum(result.reached for result in results) >= (11 if strace else 7)


@ways
def test_killed_again_while_going_on_it_is_taken_to_the_same_end(any_lane: Lane, looked: Looked, strace: bool) -> None:
    outcome, points = looked(any_lane, strace)
    firsts = sample(points, 2, len(points) // 8)
    pairs = [
        pair for n, first in enumerate(firsts) for pair in recovery.play(any_lane, n, first, outcome, 3, strace=strace)
    ]
    assert [(str(pair), pair.violations) for pair in pairs if pair.violations] == []
    assert sum(pair.reached for pair in pairs) >= max(2, len(pairs) - 2)  # little may be left to do after the first


@pytest.mark.parametrize("fault", ["hasty", "fickle"])
def test_a_fault_that_shows_without_a_crash_is_found(lane: Lane, clean: Outcome, fault: str) -> None:
    case = lane.new_case()
    assert "I3" in " ".join(violations(case, [lane.live(case, "start", fault=fault)], clean))


@pytest.mark.parametrize(
    ("fault", "act", "says"),
    [
        ("boastful", "send", "I1: it was told"),
        ("careless", "send", "I4: send was done 2 times"),
        ("forgetful", "source-1", "I2: research/turn1 was finished, and was begun again"),
    ],
)
def test_a_fault_that_a_crash_brings_out_is_found(lane: Lane, clean: Outcome, fault: str, act: str, says: str) -> None:
    moment = Point(moment=f"after {act}")
    assert crash.play(lane, moment, clean).violations == ()
    assert says in " ".join(crash.play(lane, moment, clean, fault=fault).violations)


def test_every_fault_is_tried() -> None:
    assert set(FAULTS) == {"", "hasty", "fickle", "boastful", "careless", "forgetful"}
