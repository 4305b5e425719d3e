"""An agent that did as well for less comes first, where earlier runs say so."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import Edit, RemoveField, SetField
from composer.optimise.subject import Subject, Suggestion
from workflows.money import money

RULE = "cheaper"

SEEN = 5
"""Tries of each from which on they can be compared."""

ENOUGH = 0.95
"""How many of them went well, at least."""

MOST = 0.5
"""What one costs at most, of what the one that comes first now costs."""


def suggest(subject: Subject) -> Iterator[Suggestion]:
    for fact in subject.facts:
        one = fact.one
        if one.kind != "agent" or one.equals != 1 or len(one.performers) < 2:
            continue
        known = {each.performer: each for each in subject.tries(fact.id)}
        now = known.get(one.performers[0])
        if now is None or now.count < SEEN or not now.usd:
            continue
        good = [
            each
            for name in one.performers[1:]
            if (each := known.get(name)) is not None
            and each.count >= SEEN
            and each.rate >= max(ENOUGH, now.rate)
            and each.usd is not None
            and each.usd <= now.usd * MOST
        ]
        if not good:
            continue
        best = min(good, key=lambda each: each.usd or 0.0)
        rest = [name for name in one.performers if name != best.performer]
        edits: list[Edit] = [SetField(("agent",), best.performer, fact.id)]
        edits.append(SetField(("fallback",), rest, fact.id) if rest else RemoveField(("fallback",), fact.id))
        reason = (
            f"'{fact.id}': {best.performer} did it well {best.succeeded} times of {best.count} for "
            f"{money(best.usd or 0.0)} each, {now.performer} {now.succeeded} of {now.count} for {money(now.usd)}: "
            f"let {best.performer} begin, and {now.performer} take over where it fails."
        )
        yield Suggestion(RULE, reason, tuple(edits), (fact.id,))
