"""How long to wait before the next try. Pure."""

from __future__ import annotations

from workflows.errors import Failure
from workflows.planning.plan import RetryPolicy

MOST_ASKED = 60.0
"""The longest Retry-After, in seconds, that is waited for; a longer one counts as a failure that cannot be retried."""


def wait_before(policy: RetryPolicy, tries: int, failure: Failure, random: float) -> float:
    """Seconds before the try that follows `tries` failed ones. `random` is in [0, 1).

    Full jitter (a uniform share of the backoff, from "Exponential Backoff And Jitter", AWS 2015), except for
    `immediate` and `fixed`; never less than what the other side asked for.
    """
    growth = {
        "immediate": 0.0,
        "fixed": 1.0,
        "linear": float(tries),
        "exponential": 2.0 ** min(tries - 1, 32),
        "fibonacci": float(_fibonacci(tries)),
    }[policy.backoff]
    wait = min(policy.delay * growth, policy.max_delay)
    if policy.jitter and policy.backoff not in ("immediate", "fixed"):
        wait *= random
    return max(wait, failure.retry_after or 0.0)


def _fibonacci(n: int) -> int:
    a, b = 1, 1
    for _ in range(min(n, 64) - 1):
        a, b = b, a + b
    return a
