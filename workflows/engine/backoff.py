"""How long to wait before the next try, and why so long. Pure, but for what asks the journal how it went before."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from workflows.errors import Failure
from workflows.journal.port import Recovery, RunStore, StoreError
from workflows.planning.plan import Backoff, Plan, RetryPolicy

MOST_ASKED = 60.0
"""The longest Retry-After, in seconds, that is waited for; a longer one counts as a failure that cannot be retried."""

ENOUGH = 5
"""Fewer tries than these teach nothing."""

OFTEN = 0.8
"""The share of tries that must have gone well."""

_MOST_DOUBLINGS = 32


async def recoveries_of(plan: Plan, store: RunStore) -> Mapping[str, Sequence[Recovery]]:
    """What is known of those whose waiting is adaptive. Without history a step waits as an exponential backoff does."""
    adaptive = {performer for step in plan.every if step.retry.backoff == "adaptive" for performer in step.performers}
    found: dict[str, Sequence[Recovery]] = {}
    for performer in sorted(adaptive):
        try:
            found[performer] = await store.recoveries(performer)
        except StoreError:
            continue
    return found


def wait_before(
    policy: RetryPolicy, tries: int, failure: Failure, random: float, learned: float | None = None
) -> float:
    """Seconds before the try that follows `tries` failed ones. `random` is in [0, 1).

    `adaptive` takes the wait that was learned, within the policy's `delay` and `max_delay`, and doubles it for each
    further try, up to `max_delay`; where nothing was learned it is `exponential`.

    Full jitter (a uniform share of the backoff, from "Exponential Backoff And Jitter", AWS 2015), except for
    `immediate` and `fixed`, and for a learned wait: history says that a shorter one helps too seldom. Never less than
    what the other side asked for.
    """
    backoff = policy.backoff
    if backoff == "adaptive" and learned is not None:
        least = min(max(learned, policy.delay), policy.max_delay)
        wait = min(least * 2.0 ** min(tries - 1, _MOST_DOUBLINGS), policy.max_delay)
    else:
        wait = min(policy.delay * _growth(backoff, tries), policy.max_delay)
        if policy.jitter and backoff not in ("immediate", "fixed"):
            wait *= random
    return max(wait, failure.retry_after or 0.0)


def learned_wait(history: Sequence[Recovery], failure_class: str) -> float | None:
    """The shortest wait that mostly helped against this class of failure, in seconds. None where none is known.

    The rule: take the tries on record for the class, longest wait first, and as many of them as leave a share of
    OFTEN or more that recovered, all that waited equally long together. Where these are ENOUGH or more, the shortest
    wait among those that recovered is the one.
    """
    tries = sorted((each.waited, each.recovered) for each in history if each.failure == failure_class)
    waits = [waited for waited, _ in tries]
    for wait in waits:
        as_long = tries[bisect_left(waits, wait) :]
        if len(as_long) < ENOUGH:
            return None
        if sum(recovered for _, recovered in as_long) >= OFTEN * len(as_long):
            return min(waited for waited, recovered in as_long if recovered)
    return None


def why(policy: RetryPolicy, history: Sequence[Recovery], failure_class: str) -> str:
    """Where the wait comes from, for the story: `exponential`, or `adaptive: learned from 12 recoveries`.

    The number is that of all recorded tries after a failure of this class.
    """
    if policy.backoff != "adaptive":
        return policy.backoff
    known = sum(each.failure == failure_class for each in history)
    if learned_wait(history, failure_class) is not None:
        return f"adaptive: learned from {known} recoveries"
    if known < ENOUGH:
        return f"adaptive: {'too little' if known else 'no'} history yet, exponential"
    return f"adaptive: no wait helped often enough in {known} tries, exponential"


def _growth(backoff: Backoff, tries: int) -> float:
    match backoff:
        case "immediate":
            return 0.0
        case "fixed":
            return 1.0
        case "linear":
            return float(tries)
        case "fibonacci":
            return float(_fibonacci(tries))
    return 2.0 ** min(tries - 1, _MOST_DOUBLINGS)


def _fibonacci(n: int) -> int:
    a, b = 1, 1
    for _ in range(min(n, 64) - 1):
        a, b = b, a + b
    return a
