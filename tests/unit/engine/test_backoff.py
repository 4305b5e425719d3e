"""How long a step waits before its next try."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.backoff import learned_wait, wait_before, why
from workflows.errors import Failure
from workflows.journal.port import Recovery
from workflows.planning.plan import RetryPolicy

PLAIN = Failure("transient", "overloaded")


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [
        ("immediate", [0, 0, 0, 0, 0]),
        ("fixed", [2, 2, 2, 2, 2]),
        ("linear", [2, 4, 6, 8, 10]),
        ("exponential", [2, 4, 8, 16, 30]),
        ("fibonacci", [2, 2, 4, 6, 10]),
    ],
)
def test_growth_up_to_the_cap(backoff: str, expected: list[float]) -> None:
    policy = RetryPolicy(9, backoff, 2.0, 30.0, jitter=False)  # type: ignore[arg-type]  # from the table above
    assert [wait_before(policy, tries, PLAIN, 0.5) for tries in range(1, 6)] == expected


def test_jitter_is_a_share_of_the_growing_wait_and_leaves_fixed_ones_alone() -> None:
    assert wait_before(RetryPolicy(9, "exponential", 8.0), 1, PLAIN, 0.25) == 2.0
    assert wait_before(RetryPolicy(9, "fixed", 8.0), 1, PLAIN, 0.25) == 8.0


def test_what_the_other_side_asked_for_is_the_least() -> None:
    asked = Failure("rate_limited", "slow down", retry_after=45.0)
    assert wait_before(RetryPolicy(9, "immediate"), 1, asked, 0.0) == 45.0


def test_many_tries_do_not_overflow() -> None:
    assert wait_before(RetryPolicy(10_000, "exponential", jitter=False), 9_999, PLAIN, 0.0) == 60.0
    assert wait_before(RetryPolicy(10_000, "fibonacci", jitter=False), 9_999, PLAIN, 0.0) == 60.0


# Adaptive

ADAPTIVE = RetryPolicy(9, "adaptive", 2.0, 30.0, jitter=False)


def tries(*waits: tuple[float, bool], failure: str = "transient") -> list[Recovery]:
    return [Recovery(failure, waited, recovered) for waited, recovered in waits]


@pytest.mark.parametrize(
    ("learned", "expected"),
    [
        (5.0, [5, 10, 20, 30, 30]),
        (0.5, [2, 4, 8, 16, 30]),
        (500.0, [30, 30, 30, 30, 30]),
        (None, [2, 4, 8, 16, 30]),
    ],
)
def test_a_learned_wait_stays_within_the_policy_and_doubles(learned: float | None, expected: list[float]) -> None:
    assert [wait_before(ADAPTIVE, tries, PLAIN, 0.5, learned) for tries in range(1, 6)] == expected
    assert wait_before(ADAPTIVE, 9_999, PLAIN, 0.5, learned) == 30.0


def test_a_learned_wait_is_not_shortened_by_chance() -> None:
    jittered = replace(ADAPTIVE, jitter=True)
    assert wait_before(jittered, 1, PLAIN, 0.25, 8.0) == 8.0
    assert wait_before(jittered, 3, PLAIN, 0.25) == 2.0


def test_what_the_other_side_asked_for_is_the_least_of_a_learned_wait_too() -> None:
    asked = Failure("rate_limited", "slow down", retry_after=45.0)
    assert wait_before(ADAPTIVE, 1, asked, 0.0, 3.0) == 45.0
    assert wait_before(ADAPTIVE, 1, asked, 0.0) == 45.0
    assert wait_before(ADAPTIVE, 1, replace(asked, retry_after=1.0), 0.0, 3.0) == 3.0


def test_other_backoffs_do_not_learn() -> None:
    assert wait_before(RetryPolicy(9, "fixed", 2.0), 1, PLAIN, 0.5, 9.0) == 2.0
    assert why(RetryPolicy(9, "fixed"), tries(*[(9.0, True)] * 9), "transient") == "fixed"


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], None),
        ([(3.0, True)] * 4, None),
        ([(3.0, True)] * 5, 3.0),
        ([(3.0, True)] * 4 + [(3.0, False)], 3.0),
        ([(3.0, True)] * 3 + [(3.0, False)] * 2, None),
        # One second helps half of the time, ten nearly always.
        ([(1.0, False)] * 6 + [(1.0, True)] * 6 + [(10.0, True)] * 9 + [(10.0, False)], 10.0),
        # What helps soon is not waited for longer.
        ([(1.0, True)] * 5 + [(10.0, True)] * 9, 1.0),
        # Too few waited long enough to know.
        ([(1.0, False)] * 9 + [(60.0, True)] * 4, None),
        # Tries that waited longer and failed all the same count against a short wait.
        ([(1.0, True)] * 8 + [(2.0, False)] * 3, None),
        # A wait that never helped is not the one, although most that waited longer recovered.
        ([(2.0, False)] + [(4.0, True)] * 5, 4.0),
        # The waits need not be the same ones, nor in order.
        ([(9.0, True), (4.0, True), (2.0, False), (7.5, True), (4.5, True), (1.0, False), (8.0, True)], 4.0),
    ],
)
def test_the_shortest_wait_that_mostly_helped_is_learned(
    history: list[tuple[float, bool]], expected: float | None
) -> None:
    others = tries(*[(0.0, True)] * 20, failure="timeout")
    assert learned_wait([*others, *tries(*history)], "transient") == expected


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=40))
def test_what_is_learned_keeps_the_rule(history: list[tuple[float, bool]]) -> None:
    def helps(wait: float) -> bool:
        as_long = [recovered for waited, recovered in history if waited >= wait]
        return len(as_long) >= 5 and sum(as_long) / len(as_long) >= 0.8

    least = min((waited for waited, _ in history if helps(waited)), default=math.inf)
    expected = min((waited for waited, recovered in history if recovered and waited >= least), default=None)
    assert learned_wait(tries(*history), "transient") == expected


def test_it_says_why() -> None:
    learned = tries(*[(3.0, True)] * 10, *[(1.0, False)] * 2)
    assert why(ADAPTIVE, learned, "transient") == "adaptive: learned from 12 recoveries"
    assert why(ADAPTIVE, learned, "timeout") == "adaptive: no history yet, exponential"
    assert why(ADAPTIVE, learned[:3], "transient") == "adaptive: too little history yet, exponential"
    hopeless = tries(*[(3.0, False)] * 8)
    assert why(ADAPTIVE, hopeless, "transient") == "adaptive: no wait helped often enough in 8 tries, exponential"
