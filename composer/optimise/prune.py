"""Steps that change nothing and whose result nobody reads are taken out."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import RemoveStep, readers_of
from composer.edit.references import ANY
from composer.edit.render import flow
from composer.optimise.subject import Fact, Subject, Suggestion

RULE = "prune"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    """Only of workflows that say what they give back: in others what a step finds out may be what they are for."""
    if not subject.workflow.outputs or subject.merges or any(ANY in fact.reads for fact in subject.facts):
        return
    for path, facts in subject.lists.items():
        if len(path) not in (1, 3) or path[0] not in ("steps", "stages") or len(subject.facts) < 2:
            continue
        for fact in facts:
            if fact.quiet and _cannot_end_the_run(subject, fact) and not readers_of(subject.text, fact.id):
                what = "Its result is read by nobody, and it changes nothing"
                yield Suggestion(RULE, f"{what}: take '{fact.id}' out.", (RemoveStep(fact.id),), (fact.id,))


def _cannot_end_the_run(subject: Subject, fact: Fact) -> bool:
    """A step may be there to fail: then the run ends. What is gone past, or a constant, is not."""
    held = any(each.spot.path[: len(fact.spot.path)] == fact.spot.path and each is not fact for each in subject.facts)
    if fact.one.on_failure in ("continue", "skip") and not held:
        return True
    constant = "${{" not in flow(subject.page.value(fact.spot.path)) and not fact.one.when and not fact.planned.each
    return fact.one.kind == "transform" and constant and fact.one.output_schema is None
