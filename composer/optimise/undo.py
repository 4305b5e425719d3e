"""What can be undone is undone when something fails later, where nothing here says so yet."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import AddItem
from composer.optimise.subject import Subject, Suggestion

RULE = "undo"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    plan = subject.plan
    if any(handler.action in ("rollback", "compensate") or handler.error == "any" for handler in plan.handlers):
        return
    if any(step.on_failure in ("rollback", "continue", "skip") for step in plan.every):
        return  # a handler comes before these: what is gone past now would end the run
    undone = [fact for fact in subject.facts if fact.one.undo]
    after = undone and [fact for fact in subject.facts[subject.facts.index(undone[0]) + 1 :] if fact.bound]
    if not undone or not after:
        return
    ids = ", ".join(f"'{fact.id}'" for fact in undone)
    reason = f"{ids} can be undone, but nothing undoes it when a later step fails: roll back at any failure."
    handler = {"error": "any", "action": "rollback"}
    yield Suggestion(RULE, reason, (AddItem(("error_handlers",), handler),), tuple(fact.id for fact in undone))
