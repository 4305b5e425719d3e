"""Steps that change nothing and do not read each other run at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.edit import Edit, RunTogether, SetStage
from composer.edit.references import ANY
from composer.edit.tree import stages
from composer.optimise.subject import Fact, Subject, Suggestion, independent

RULE = "parallelise"


def suggest(subject: Subject) -> Iterator[Suggestion]:
    for path, facts in subject.lists.items():
        if facts[0].spot.parallel:
            continue
        is_stage = path == ("steps",) or (len(path) == 3 and path[0] == "stages")
        if is_stage and _whole(facts):
            index = path[1] if len(path) == 3 else 0
            assert isinstance(index, int)
            yield _stage(subject, stages(subject.page)[index], facts)
        elif is_stage and not subject.merges:  # a step that holds others has an output of its own, made of theirs
            for group in _groups(facts):
                edit = RunTogether(tuple(fact.id for fact in group))
                yield Suggestion(RULE, _reason(group), (edit,), edit.steps)


def _whole(facts: Sequence[Fact]) -> bool:
    """Whether all of a stage may run at the same time, each step when what it reads is there, and that is worth it."""
    if not all(fact.quiet and ANY not in fact.reads for fact in facts):
        return False
    return len(_apart(facts)) > 1


def _apart(facts: Sequence[Fact]) -> list[Fact]:
    """Steps that take time and wait for none of each other."""
    found: list[Fact] = []
    behind: set[str] = set()
    for fact in facts:
        if fact.reads & (behind | {each.id for each in found}):
            behind.add(fact.id)
        elif fact.bound:
            found.append(fact)
    return found


def _groups(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """The longest runs of steps that may run at the same time."""
    group: list[Fact] = []
    for fact in (*facts, None):
        if fact is not None and fact.quiet and fact.bound and independent(group, fact):
            group.append(fact)
            continue
        if len(group) > 1:
            yield group
        group = [fact] if fact is not None and fact.quiet and fact.bound and ANY not in fact.reads else []


def _stage(subject: Subject, name: str, facts: Sequence[Fact]) -> Suggestion:
    apart = _apart(facts)
    edits: list[Edit] = [SetStage(name, "parallel", True)]
    computing = sum(fact.bound == "cpu" for fact in apart)
    if computing * 2 > len(apart) and len(apart) > subject.cores:
        edits.append(SetStage(name, "max_parallel", subject.cores))
    return Suggestion(RULE, _reason(apart), tuple(edits), tuple(fact.id for fact in facts))


def _reason(group: Sequence[Fact]) -> str:
    ids = [f"'{fact.id}'" for fact in group]
    names = f"{', '.join(ids[:-1])} and {ids[-1]}"
    waits = all(fact.bound == "io" for fact in group)
    why = "they wait for others most of their time" if waits else "they can share the processors"
    return f"{names} read nothing of each other and change nothing, and {why}: run them at the same time."
