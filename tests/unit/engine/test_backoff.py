"""How long a step waits before its next try."""

from __future__ import annotations

import pytest

from workflows.engine.backoff import wait_before
from workflows.errors import Failure
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
