"""What takes time and reads nothing of the stages before its own is begun beside them."""

from __future__ import annotations

from collections.abc import Iterator

from composer.edit import AtEnd, Edit, MoveStep, SetStage
from composer.edit.references import ANY
from composer.edit.tree import stages
from composer.optimise.subject import Fact, Subject, Suggestion

RULE = "prefetch"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    if subject.merges or subject.page.root.get("stages") is None:
        return  # the context of a stage is what the stages before it gave
    names = stages(subject.page)
    lists = [subject.lists.get(("stages", index, "steps"), ()) for index in range(len(names))]
    for index, facts in enumerate(lists):
        for fact in facts:
            if not _may_begin_early(fact, facts):
                continue
            earliest = next(
                (
                    early
                    for early in range(index)
                    if all(each.quiet and ANY not in each.reads for before in lists[early:index] for each in before)
                    and any(each.bound for each in lists[early])
                    and not fact.reads & {each.id for before in lists[early:] for each in before}
                ),
                None,
            )
            if earliest is None:
                continue
            name = names[earliest]
            parallel: tuple[Edit, ...] = () if lists[earliest][0].spot.parallel else (SetStage(name, "parallel", True),)
            reason = (
                f"'{fact.id}' reads nothing of the stages before it and changes nothing: "
                f"begin it beside what stage '{name}' does."
            )
            yield Suggestion(RULE, reason, (*parallel, MoveStep(fact.id, AtEnd(name))), (fact.id,))


def _may_begin_early(fact: Fact, facts: tuple[Fact, ...]) -> bool:
    """Not what costs money, which is spent when all before it went well; nor what stands behind an act."""
    if not fact.quiet or not fact.bound or ANY in fact.reads or any(use.what == "agent" for use in fact.one.uses):
        return False
    before = () if fact.spot.parallel else facts[: facts.index(fact)]
    return all(each.quiet for each in before) and len(facts) > 1
