"""In which order: at the same time, one after the other, before or after; taken out, called otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.conversation import vocabulary as v
from composer.conversation.said import Said, Understood, folded
from composer.edit import (
    After,
    AtEnd,
    Before,
    Edit,
    MoveStep,
    RemoveField,
    RemoveStep,
    RenameParameter,
    RenameStep,
    RunTogether,
    SetField,
    SetStage,
    readers_of,
)
from workflows.definition.model import Step

AT_ONCE = 4
"""Items of a list at once, where nobody says how many."""


def together(said: Said) -> Understood | None:
    """`make the tests parallel`"""
    if said.has(v.IN_ORDER) or not (found := said.has(v.TOGETHER)):
        return None
    phrase = said.words.replace(found[0], " ")
    number = re.search(r"\b(\d{1,2})\b(?!\s*(?:st|nd|rd|th))", phrase)
    most = int(number[1]) if number and not re.search(rf"{v.STEP}\s*{number[1]}", phrase) else None
    stages = [stage.name for stage in said.subject.workflow.stages if stage.parallel]
    if not said.steps(phrase) and stages and (most := most or _counted(phrase)):
        edits = tuple(SetStage(name, "max_parallel", most) for name in stages)
        return Understood(edits, f"at most {most} at the same time")
    meant = said.steps(phrase) or _whole_stage(said)
    ids = _beside(said, meant)
    looped = [seen.step for seen in said.subject.every if seen.step.id in meant and seen.step.foreach is not None]
    if len(ids) < 2 and looped:
        return _items(looped, most)
    if not ids:
        return None  # what can, then: as in a request
    if len(ids) < 2:
        return Understood(refused=_alone(said, meant))
    return Understood((RunTogether(ids, most),), f"{', '.join(ids)} run at the same time")


def _items(looped: Sequence[Step], most: int | None) -> Understood:
    """The items of steps that are done for each of a list, several at a time."""
    new = [step for step in looped if step.foreach is not None and step.foreach.max_parallel != (most or AT_ONCE)]
    if most is None:
        new = [step for step in new if step.foreach is not None and step.foreach.max_parallel < 2]
    if not new:
        at_once = looped[0].foreach.max_parallel if looped[0].foreach else AT_ONCE
        return Understood(refused=f"'{looped[0].id}' is done for {at_once} items at once already.")
    edits = tuple(SetField(("foreach", "max_parallel"), most or AT_ONCE, step.id) for step in new)
    return Understood(edits, f"{', '.join(step.id for step in new)}: {most or AT_ONCE} items at once")


def _alone(said: Said, meant: tuple[str, ...]) -> str:
    """Why what is meant cannot run at the same time: it is one step, or each stands where another one has to wait."""
    if len(meant) > 1:
        return f"{', '.join(meant)} stand in different stages, one after the other: none of them has another beside it."
    return f"'{meant[0]}' is the only step of that kind, so nothing runs beside it. {_list(said)}"


def _counted(phrase: str) -> int | None:
    """A number that is written as a word."""
    return next((number for word, number in v.NUMBERS.items() if re.search(rf"\b{word}\b", phrase)), None)


def _beside(said: Said, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Those that stand in one list: what comes in another stage comes later for a reason."""
    places: dict[tuple[str | int, ...], list[str]] = {}
    for seen in said.subject.every:
        if seen.step.id in ids:
            places.setdefault(seen.placed.path[:-1], []).append(seen.step.id)
    most = max(map(len, places.values()), default=0)
    return next((tuple(each) for each in places.values() if len(each) == most), ())


def in_order(said: Said) -> Understood | None:
    """`one after the other`"""
    found = said.has(v.IN_ORDER)
    if found is None:
        return None
    ids = set(said.steps(said.words.replace(found[0], " ")))
    edits: list[Edit] = []
    for stage in said.subject.workflow.stages:
        if stage.parallel and (not ids or ids & {step.id for step in stage.steps}):
            edits.append(SetStage(stage.name, "parallel", None))
            if stage.max_parallel is not None:
                edits.append(SetStage(stage.name, "max_parallel", None))
    edits += [
        SetField(("foreach", "max_parallel"), 1, seen.step.id)
        for seen in said.subject.every
        if seen.step.foreach is not None
        and (seen.step.foreach.max_parallel or 1) > 1
        and (not ids or seen.step.id in ids)
    ]
    if not edits:
        return Understood(refused="Nothing of that runs at the same time.")
    return Understood(tuple(edits), "one after the other")


def remove(said: Said) -> Understood | None:
    """`remove the last step`; `without the budget`"""
    found = said.has(v.REMOVE)
    if found is None:
        return None
    phrase = f"{said.words[: found.start()]} {said.words[found.end() :]}"
    for words, path, of_steps in v.FIELDS:
        if re.search(rf"\b(?:{words})\b", phrase):
            return _without(said, re.sub(rf"\b(?:{words})\b", " ", phrase), path, of_steps=of_steps)
    ids = said.steps(phrase)
    if not ids:
        return Understood(questions=(f"Which step should go? {_list(said)}",))
    if len(ids) > 1 and not re.search(v.SEVERAL, phrase):
        return Understood(questions=(f"Which of these should go: {', '.join(ids)}?",))
    going: dict[str, None] = {}
    for id_ in ids:
        read = [each for each in readers_of(said.text, id_) if each.path[-2:-1] != ("needs",) and each.step not in ids]
        going |= dict.fromkeys(str(each.path[1]) for each in read if not each.step and each.path[0] == "outputs")
        if readers := sorted(
            {each.step or str(each.path[0]) for each in read if each.step or each.path[0] != "outputs"}
        ):
            all_ = f"{', '.join((id_, *readers[:-1]))} and {readers[-1]}"
            asked = (
                f"{', '.join(readers)} read what '{id_}' gives, so it cannot go alone. “remove {all_}” takes all out."
            )
            return Understood(questions=(asked,))
    # What a run gives back of a step goes with it: nothing else reads it.
    edits: tuple[Edit, ...] = tuple(RemoveField(("outputs", name)) for name in going)
    also = f", and with it the outputs {', '.join(going)}" if going else ""
    return Understood((*edits, *(RemoveStep(id_) for id_ in ids)), f"{', '.join(ids)} taken out{also}")


def _without(said: Said, phrase: str, path: tuple[str, ...], *, of_steps: bool) -> Understood:
    if not of_steps:
        if getattr(said.subject.workflow, path[0], None) in (None, ()):
            return Understood(refused=f"It has no {path[0]}.")
        return Understood((RemoveField(path),), f"no {path[0]}")
    named = said.steps(phrase)
    having = [
        seen for seen in said.subject.every if getattr(seen.step, path[0]) and (not named or seen.step.id in named)
    ]
    if path == ("approve",) and (
        sure := [seen.step.id for seen in said.subject.every if seen.step.irreversible and seen.step.id in named]
    ):
        return Understood(refused=f"{', '.join(sure)} cannot be undone, so a person is always asked before.")
    if not having:
        return Understood(refused=f"No step of those has '{path[0]}'.")
    if len(having) > 1 and not named:
        ids = ", ".join(seen.step.id for seen in having)
        return Understood(questions=(f"Of which step: {ids}?",))
    return Understood(tuple(RemoveField(path, seen.step.id) for seen in having), f"no {path[0]} any more")


def rename(said: Said) -> Understood | None:
    """`rename step x to y`"""
    found = said.begins(v.RENAME)
    if found is None:
        return None
    # Names are read as they were typed: only the verb was looked for in other letters.
    parts = re.split(rf"\s+{v.TO}\s+", said.original.strip().rstrip(".!"), flags=re.IGNORECASE)
    if len(parts) < 2:
        parts = said.original.strip().rstrip(".!").rsplit(maxsplit=1)
        if len(parts) < 2 or not re.fullmatch(r"[A-Za-z_]\w*", parts[1]):
            return None
    old, new = " ".join(parts[:-1]), parts[-1].strip("\"'`“” ")
    to = re.sub(r"\W+", "_", new).strip("_")
    if re.search(r"\bworkflow|\bdraft", old, re.IGNORECASE) or re.fullmatch(
        rf"(?:{v.RENAME})\s+(?:{v.IT})", folded(old)
    ):
        return Understood((SetField(("name",), new),), f"it is called {new}")
    parameters = [
        each.name for each in said.subject.workflow.parameters if re.search(rf"\b{re.escape(each.name)}\b", old)
    ]
    ids = said.steps(old.lower())
    exact = [id_ for id_ in said.ids if re.search(rf"\b{re.escape(id_)}\b", old)]
    if not re.fullmatch(r"[A-Za-z_]\w*", to):
        return Understood(refused=f"'{new}' is no name: it has letters, digits and _, and begins with a letter.")
    if to in said.ids:
        return Understood(refused=f"There is a step '{to}' already.")
    if parameters and not exact:
        return Understood((RenameParameter(parameters[0], to),), f"{parameters[0]} is called {to}")
    ids = tuple(exact[:1]) or ids
    if len(ids) != 1:
        return Understood(questions=(f"Which step should be called {to}? {_list(said)}",))
    return Understood((RenameStep(ids[0], to),), f"{ids[0]} is called {to}")


def move(said: Said) -> Understood | None:
    """`move the check before deploy`; `put x at the end`"""
    found = said.begins(v.MOVE)
    if found is None:
        return None
    rest = said.words[found.end() :]
    for pattern, place in ((v.BEFORE_STEP, Before), (v.AFTER_STEP, After)):
        parts = re.split(rf"\b(?:{pattern})\b", rest, maxsplit=1)
        if len(parts) == 2:
            mine, its = said.steps(parts[0]), said.steps(parts[1])
            if len(mine) == 1 and len(its) >= 1 and its[0] != mine[0]:
                other = its[0] if place is Before else its[-1]
                return Understood(
                    (MoveStep(mine[0], place(other)),), f"{mine[0]} comes {place.__name__.lower()} {other}"
                )
            return (
                Understood(questions=(f"Which step should be moved, and where? {_list(said)}",))
                if mine or its
                else None
            )
    if re.search(r"\b(?:to|at) the end\b|ans ende|al final|a la fin|no final|last", rest):
        ids = said.steps(re.sub(r"last", " ", rest))
        if len(ids) == 1:
            return Understood((MoveStep(ids[0], AtEnd()),), f"{ids[0]} comes last")
    return None


def _whole_stage(said: Said) -> tuple[str, ...]:
    """All steps where there is only one stage: `make it parallel`."""
    stages = said.subject.workflow.stages
    return tuple(step.id for step in stages[0].steps) if len(stages) == 1 else ()


def _list(said: Said) -> str:
    ids = said.ids
    return f"There are {', '.join(ids[:12])}{' and more' if len(ids) > 12 else ''}."
