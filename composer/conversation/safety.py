"""What keeps a person safe: gates, rollback, limits, tries, understudies, what happens when it fails."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.definition import MODEL_WORDS
from agents.models.providers import full_name
from composer.conversation import vocabulary as v
from composer.conversation.said import Said, Understood
from composer.edit import AddItem, Edit, RemoveField, SetField
from workflows.money import money
from workflows.records import dataclass
from workflows.steps.kind import Catalogue
from workflows.values import Json


@dataclass(frozen=True)
class Here:
    """What rules may look up. `cheaper` names models that cost less than the one that is asked by an agent or is named,
    the dearest first. `channels` are those by which people can be told things."""

    catalogue: Catalogue
    cheaper: Callable[[str, str], tuple[str, ...]] = lambda agent, model: ()
    channels: frozenset[str] = frozenset({"terminal", "desktop"})


def gate(said: Said, here: Here) -> Understood | None:
    """`ask me before it deploys`; `don't ask me before the tests`"""
    found = said.has(v.ASK)
    if found is None:
        return None
    before = re.search(rf"\b(?:{v.BEFORE})\b", said.words)
    phrase = said.words[before.end() :] if before else said.words[: found.start()] + " " + said.words[found.end() :]
    ids = said.steps(phrase) or (said.steps(said.words[: found.start()]) if before else ())
    if re.search(rf"(?:^|\s)(?:{v.NOT})\s", said.words[: found.end() + 1]):
        return _ungate(said, ids)
    every = {seen.step.id: seen for seen in said.subject.every}
    # A stage is asked for once: before the first step that acts, of those that only get ready.
    acting = tuple(id_ for id_ in ids if _acts(said, id_, here)) or ids
    if not acting and re.search(v.ANYTHING, phrase):
        acting = tuple(id_ for id_ in every if _acts(said, id_, here))
    if not acting and not before:
        return None  # before all that acts, then: as in a request
    if not acting:
        return Understood(questions=(f"Before which step should you be asked? There are {', '.join(every)}.",))
    if any(every[id_].step.approve or every[id_].step.irreversible for id_ in acting) and not said.steps_named(phrase):
        asked = [id_ for id_ in acting if every[id_].step.approve or every[id_].step.irreversible]
        return Understood(refused=f"You are asked before {', '.join(asked)} already.")
    new = tuple(id_ for id_ in acting if not every[id_].step.approve and not every[id_].step.irreversible)
    if not new:
        return Understood(refused=f"You are asked before {', '.join(acting)} already.")
    return Understood(
        tuple(SetField(("approve",), "before", id_) for id_ in new), f"you are asked before {', '.join(new)}"
    )


def _ungate(said: Said, ids: tuple[str, ...]) -> Understood:
    gated = [
        seen.step
        for seen in said.subject.every
        if (seen.step.approve or seen.step.irreversible) and (not ids or seen.step.id in ids)
    ]
    if sure := [step.id for step in gated if step.irreversible]:
        return Understood(refused=f"{', '.join(sure)} cannot be undone, so a person is always asked before.")
    if not gated:
        return Understood(refused="Nobody is asked there.")
    if len(gated) > 1 and not ids:
        return Understood(
            questions=(f"Before which of these should you not be asked: {', '.join(step.id for step in gated)}?",)
        )
    return Understood(tuple(RemoveField(("approve",), step.id) for step in gated), "nobody is asked there any more")


def _acts(said: Said, id_: str, here: Here) -> bool:
    """Whether a step changes anything outside."""
    seen = next(each for each in said.subject.every if each.step.id == id_)
    if seen.step.type == "skill":
        entry = here.catalogue.find("skill", seen.skill)
        return entry is None or (bool(entry.touches & {"writes", "shell"}) and entry.effect != "pure")
    return seen.step.type in ("http", "workflow", "notification")


def rollback(said: Said, here: Here) -> Understood | None:
    """`add a rollback`"""
    if not said.has(v.ROLLBACK):
        return None
    workflow = said.subject.workflow
    if any(handler.action == "rollback" for handler in workflow.error_handlers):
        return Understood(refused="It rolls back already when something fails.")
    undoable, edits = [], list[Edit]()
    for seen in said.subject.steps:
        entry = here.catalogue.find("skill", seen.skill) if seen.skill else None
        if seen.step.irreversible:
            continue
        if seen.step.undo is not None:
            undoable.append(seen.step.id)
        elif entry is not None and isinstance(entry.undo, dict):
            undoable.append(seen.step.id)
            edits.append(SetField(("undo",), {"type": "skill", **entry.undo}, seen.step.id))
    if not undoable and workflow.rollback is None:
        return Understood(questions=("Nothing that it does says how it is undone. What should put it back, and how?",))
    rule: Json = {"error": "any", "action": "rollback"}
    edits.append(AddItem(("error_handlers",), rule, index=len(workflow.error_handlers)))
    return Understood(tuple(edits), f"when something fails, {', '.join(undoable) or 'what was done'}: put back")


def retry(said: Said, here: Here) -> Understood | None:
    """`retry the download 3 times`"""
    times = re.search(v.TIMES, said.words)
    if not said.has(v.RETRY) or (times is None and not said.has(v.AGAIN)):
        return None
    count = (int(times[1]) if times[1] else v.COUNTS[times[2]]) if times else 2
    phrase = said.words.replace(times[0], " ") if times else said.words
    ids = said.steps(phrase)
    if not ids:
        return None  # what fails, then: as in a request
    edits = tuple(_tries(said, id_, count) for id_ in ids)
    return Understood(edits, f"{', '.join(ids)}: {count} more tries")


def _tries(said: Said, id_: str, count: int) -> Edit:
    """So many more tries; what the step says of its retries besides stays."""
    now = next(seen.step.retry for seen in said.subject.every if seen.step.id == id_)
    if now is not None and now.max_attempts is not None:
        return SetField(("retry", "max_attempts"), count + 1, id_)
    if now is not None:
        return SetField(("retry", "max_retries"), count, id_)
    return SetField(("retry",), {"max_retries": count}, id_)


def timeout(said: Said, here: Here) -> Understood | None:
    """`give up on the tests after 10 minutes`"""
    found = re.search(v.TIME, said.words)
    if found is None or not said.has(v.LIMIT) or said.has(v.RECURRING):
        return None
    value = f"{found[1].replace(',', '.')}{'h' if found[2][0] == 'h' or found[2].startswith('st') else found[2][0]}"
    phrase = said.words.replace(found[0], " ")
    ids = said.steps(phrase)
    what = re.search(v.TO_WHAT, phrase)
    if not ids and what and not re.fullmatch(v.WHOLE, what[1]):
        return Understood(questions=(f"Which step is '{what[1]}'? There are {', '.join(said.ids)}.",))
    edits: tuple[Edit, ...] = tuple(SetField(("timeout",), value, id_) for id_ in ids) or (
        SetField(("timeout",), value),
    )
    return Understood(edits, f"{', '.join(ids) or 'all of it'}: at most {value}")


def budget(said: Said, here: Here) -> Understood | None:
    """`at most $1`"""
    found = re.search(v.MONEY, said.words)
    if found is None:
        return None
    usd = float((found[1] or found[2]).replace(",", "."))
    usd = usd / 100 if re.search(r"cents?|ct\b", found[0]) else usd
    if not usd:
        return Understood(refused="A budget of nothing lets no model answer. Take the agents out, or give it one.")
    return Understood(
        (SetField(("budget", "usd"), int(usd) if usd == int(usd) else usd),), f"models may cost {money(usd)} at most"
    )


def go_on(said: Said, here: Here) -> Understood | None:
    """`don't stop when the linter fails`"""
    found = said.has(v.GO_ON)
    if found is None or not said.has(v.FAILS):
        return None
    ids = said.steps(said.words[found.end() :])
    if not ids:
        return None  # any of them, then: as in a request
    return Understood(
        tuple(SetField(("on_failure",), "continue", id_) for id_ in ids), f"it goes on where {', '.join(ids)} fails"
    )


def understudy(said: Said, here: Here) -> Understood | None:
    """`if the writer fails use the editor`; `let the editor write step 2`"""
    named = [
        name
        for name in here.catalogue.names("agent")
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said.words)
    ]
    steps = [seen for seen in said.subject.every if seen.step.type == "agent"]
    if not named and steps and said.has(r"fallbacks?|understud\w+") and not said.begins(v.REMOVE):
        names = ", ".join(here.catalogue.names("agent"))
        return Understood(questions=(f"Which agent should stand in: {names}?",))
    if not named or not steps or not said.has(rf"{v.USE}|{v.FALLBACK}"):
        return None
    now = {name for seen in steps for name in seen.agents}
    new = [name for name in named if name not in now] or named[-1:]
    ids = [id_ for id_ in said.steps() if id_ in {seen.step.id for seen in steps}] or [seen.step.id for seen in steps]
    if len(new) != 1:
        return Understood(questions=(f"Which agent is meant: {', '.join(new)}?",))
    if said.has(v.FALLBACK) or said.has(v.FAILS):
        return Understood(
            tuple(AddItem(("fallback",), new[0], id_) for id_ in ids), f"{new[0]} stands in at {', '.join(ids)}"
        )
    if len(ids) > 1:
        return Understood(questions=(f"At which step should {new[0]} do it: {', '.join(ids)}?",))
    return Understood((SetField(("agent",), new[0], ids[0]),), f"{new[0]} does {ids[0]}")


def cheaper(said: Said, here: Here) -> Understood | None:
    """`use a cheaper model for step 2`"""
    if not said.has(v.CHEAPER):
        return None
    agents = {seen.step.id: seen for seen in said.subject.every if seen.step.type == "agent"}
    ids = [id_ for id_ in said.steps() if id_ in agents] or list(agents)
    if len(ids) != 1:
        which = ", ".join(agents) or "none: no step asks a model"
        return Understood(questions=(f"For which step? Those that ask a model are {which}.",))
    seen = agents[ids[0]]
    known = here.cheaper(seen.agents[0], str(seen.data.get("model") or ""))
    if not known:
        return Understood(questions=(f"Which model should answer '{ids[0]}'? None is known here that costs less.",))
    return Understood((SetField(("model",), known[0], ids[0]),), f"{known[0]} answers {ids[0]}: it costs less")


def model(said: Said, here: Here) -> Understood | None:
    """`use gpt-4o for the notes`"""
    found = re.search(rf"(?<![\w/])(?:{v.MODEL})(?!\w)", said.words)
    steps = {seen.step.id for seen in said.subject.every if seen.step.type == "agent"}
    if found is None or not steps or not said.has(v.USE):
        return None
    ids = [id_ for id_ in said.steps(said.words.replace(found[0], " ")) if id_ in steps] or list(steps)
    if len(ids) != 1:
        return Understood(questions=(f"Which step should it answer: {', '.join(sorted(ids))}?",))
    name = full_name(MODEL_WORDS.get(found[0]) or found[0])
    return Understood((SetField(("model",), name, ids[0]),), f"{name} answers {ids[0]}")


def cache(said: Said, here: Here) -> Understood | None:
    """`cache the download`"""
    found = said.has(v.CACHE)
    ids = said.steps(said.words.replace(found[0], " ")) if found else ()
    if not found:
        return None
    if not ids:
        return Understood(questions=(f"The result of which step should be kept? There are {', '.join(said.ids)}.",))
    return Understood(
        tuple(SetField(("cache",), True, id_) for id_ in ids), f"the results of {', '.join(ids)} are kept"
    )
