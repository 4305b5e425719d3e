"""What changes something outside, cannot be repeated and cannot be undone waits for a person's yes."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import SetField
from composer.optimise.subject import Subject, Suggestion

RULE = "gates"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    """Not of workflows that start by themselves: nobody is there to say yes."""
    if getattr(subject.workflow, "schedule", None):
        return
    for facts in subject.lists.values():
        asked = False
        for fact in facts:
            one = fact.one
            asked = asked or one.kind == "approval" or one.approve
            unsafe = (one.effect or one.foreseen) == "unsafe" and not one.inside and not one.child
            if not unsafe or asked or one.irreversible or one.undo or fact.planned.each or one.kind == "agent":
                continue
            reason = (
                f"'{fact.id}' changes something outside that cannot be repeated or undone, and nobody is asked: "
                "show a person what it will do first."
            )
            yield Suggestion(RULE, reason, (SetField(("approve",), "before", fact.id),), (fact.id,))
