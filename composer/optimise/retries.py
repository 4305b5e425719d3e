"""What talks to others and can be repeated without harm is tried again before it fails."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import SetField
from composer.optimise.subject import Fact, Subject, Suggestion

RULE = "retries"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    if any(handler.action == "retry" for handler in subject.plan.handlers):
        return
    for fact in subject.facts:
        one = fact.one
        if fact.bound != "io" or one.inside or one.child or one.retry.attempts > 1 or not _may_be_repeated(fact):
            continue
        if "shell" in fact.touches:
            continue  # a program may use the network, and mostly reads what lies here: again it says the same
        if subject.page.value((*fact.spot.path, "retry")) is not None:
            continue
        what = "asks a model" if one.kind == "agent" else "uses the network"
        reason = f"'{fact.id}' {what}, which fails now and then, and can be repeated without harm: try it three times."
        yield Suggestion(RULE, reason, (SetField(("retry",), {"max_attempts": 3}, fact.id),), (fact.id,))


def _may_be_repeated(fact: Fact) -> bool:
    return fact.quiet or (fact.one.kind != "agent" and (fact.one.effect or fact.one.foreseen) in ("pure", "idempotent"))
