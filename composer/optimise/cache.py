"""What computes the same from the same, and takes its time, is taken from an earlier run where nothing changed."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import SetField
from composer.optimise.subject import Subject, Suggestion

RULE = "cache"

WORTH = 1.0
"""Seconds that a step takes on average, from which on remembering is worth it."""

SEEN = 2
"""Tries from which on that is known."""


def suggest(subject: Subject) -> Iterator[Suggestion]:
    """Only skills that touch nothing: what reads files or the network may find something else the next time."""
    for fact in subject.facts:
        one = fact.one
        if one.kind != "skill" or not fact.quiet or fact.touches or one.remember or not one.uses:
            continue
        tries = [each for each in subject.tries(fact.id) if each.rate == 1.0]
        count = sum(each.count for each in tries)
        average = sum(each.average * each.count for each in tries) / count if count else 0.0
        if count < SEEN or average < WORTH:
            continue
        reason = (
            f"'{fact.id}' gives the same for the same and touches nothing, and took {average:.1f} s on average of "
            f"{count} times: take its result from an earlier run where nothing changed."
        )
        yield Suggestion(RULE, reason, (SetField(("cache",), True, fact.id),), (fact.id,))
