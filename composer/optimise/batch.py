"""The items of a list are worked on several at a time, where each is done by itself and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import SetField
from composer.optimise.subject import Subject, Suggestion

RULE = "batch"

AT_ONCE = 4
"""Items that wait for a network: few enough for the limits of most services."""


def suggest(subject: Subject) -> Iterator[Suggestion]:
    for fact in subject.facts:
        each = fact.planned.each
        if each is None or each.width > 1 or not fact.quiet or not fact.bound:
            continue
        if isinstance(each.over, list) and len(each.over) < 2:
            continue
        width = AT_ONCE if fact.bound == "io" else min(AT_ONCE, subject.cores)
        if width < 2:
            continue
        reason = f"'{fact.id}' does one {each.name} after the other, and none changes anything: do {width} at a time."
        yield Suggestion(RULE, reason, (SetField(("foreach", "max_parallel"), width, fact.id),), (fact.id,))
