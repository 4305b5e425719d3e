"""What may hang has a limit: from how long it took before, else a generous one."""

from __future__ import annotations

import math
from collections.abc import Iterator

from composer.edit import SetField
from composer.optimise.subject import Fact, Subject, Suggestion

RULE = "timeouts"

SEEN = 3
"""Tries from which on it is known how long a step takes."""

TIMES = 4
"""The limit is so many times the longest try, and a minute at least."""


def suggest(subject: Subject) -> Iterator[Suggestion]:
    if subject.plan.timeout is not None:
        return
    for fact in subject.facts:
        one = fact.one
        waits = one.inside or one.child or one.people or not _may_hang(fact) or one.kind == "delay"
        if waits or one.timeout is not None or one.idle_timeout is not None:
            continue
        longest, count = subject.longest(fact.id)
        if count >= SEEN:
            minutes = max(1, math.ceil(longest * TIMES / 60))
            known = f"took {longest:.0f} s at most in {count} tries"
        elif minutes := _generous(fact):
            known = "waits for others, who may never answer"
        else:
            continue
        limit = f"{minutes}m"
        reason = f"'{fact.id}' has no time limit and {known}: end it after {minutes} minute{'s' * (minutes > 1)}."
        yield Suggestion(RULE, reason, (SetField(("timeout",), limit, fact.id),), (fact.id,))


def _may_hang(fact: Fact) -> bool:
    """Whether it waits for others: a network, a model, a program."""
    return fact.bound == "io" or "shell" in fact.touches


def _generous(fact: Fact) -> int:
    """Minutes for what nothing is known of yet; 0 where none can be told."""
    return {"agent": 15, "http": 5}.get(fact.one.kind, 0)
