"""What was said of a draft, rule after rule: the first that understands it. Several things are taken one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from composer.conversation import layout, safety
from composer.conversation import vocabulary as v
from composer.conversation.demanded import Change, demanded
from composer.conversation.safety import Here
from composer.conversation.said import Said, Understood, folded
from composer.conversation.values import value
from composer.edit import EditRefused, apply
from composer.evaluation.subject import subject_of
from workflows.definition.model import Workflow

_BACK = re.compile(rf"(?:please )?(?:{v.BACK})\b")

_AND = re.compile(
    r"\s*(?:[;.]\s+|,?\s+(?:and then|then|and also|and|und dann|und|y luego|y|puis|et|e depois|e)\s+|,\s+(?=\w))",
    re.IGNORECASE,
)

Rule = Callable[[Said, Here], Understood | None]
Reread = Callable[[str], Workflow | None]

__all__ = ["Change", "understand"]

RULES: Sequence[Rule] = (
    lambda said, here: layout.rename(said),
    safety.cheaper,
    safety.model,
    safety.gate,
    safety.rollback,
    safety.go_on,
    safety.understudy,
    safety.retry,
    safety.budget,
    safety.timeout,
    lambda said, here: layout.in_order(said),
    lambda said, here: layout.together(said),
    lambda said, here: layout.move(said),
    safety.cache,
    lambda said, here: value(said),
    lambda said, here: layout.remove(said),
)


def understand(original: str, text: str, workflow: Workflow, here: Here, reread: Reread) -> Understood | Change | None:
    """What was meant; None where no rule understands it. `reread` gives the workflow of a changed text."""
    if (back := _back(folded(original))) is not None:
        return back
    parts = [part for part in _AND.split(original) if part and part.strip()]
    if len(parts) > 1 and (several := _several(parts, text, workflow, here, reread)) is not None:
        return several
    whole = _one(original, text, workflow, here, reread)
    if len(parts) > 1 and isinstance(whole, Change):
        left = _left_over(original, parts, whole, text, workflow, here, reread)
        return replace(whole, left_over=left)
    return whole


def _left_over(
    original: str, parts: Sequence[str], whole: Change, text: str, workflow: Workflow, here: Here, reread: Reread
) -> tuple[str, ...]:
    """The parts that ask for something of their own, and that the rules made nothing of: what was done is the same
    without them."""
    left = []
    said = Said(original, text, subject_of(workflow))
    for part in parts:
        if said.only_names(part):
            continue  # "make the unit tests and the slow tests …": what the other parts say is said of it too
        if not re.match(rf"(?:{v.ACT})(?!\w)", folded(part)) or _one(part, text, workflow, here, reread) is not None:
            continue
        without = _one(original.replace(part, " "), text, workflow, here, reread)
        if isinstance(without, Change) and without.text == whole.text:
            left.append(part)
    return tuple(left)


def _one(original: str, text: str, workflow: Workflow, here: Here, reread: Reread) -> Understood | Change | None:
    """One thing, with what is demanded beside it; where no rule makes it out, what is demanded as in a request."""
    found = _first(Said(original, text, subject_of(workflow)), here)
    if found is None:
        return demanded(original, text, reread, here.channels)
    if not found.edits:
        return found
    applied = _applied(text, found)
    if not isinstance(applied, Change):
        return applied
    more = demanded(original, applied.text, reread, here.channels, beside=True)
    return Change(more.text, f"{applied.means}; {more.means}", more.notes) if isinstance(more, Change) else applied


def _back(words: str) -> Understood | None:
    found = _BACK.match(words)
    if found is None or re.search(v.CONDITION, words):
        return None
    if re.search(v.FIRST, words[found.end() :]):
        return Understood(back=0)
    number = re.search(r"\b(\d)\b|\b(two|twice|zwei|dos|deux|duas)\b", words)
    return Understood(back=int(number[1]) if number and number[1] else 2 if number else 1)


def _several(parts: Sequence[str], text: str, workflow: Workflow, here: Here, reread: Reread) -> Change | None:
    """All parts, one on top of the other; None where one is not understood by itself."""
    means, notes = [], list[str]()
    now: Workflow | None = workflow
    for part in parts:
        found = _one(part, text, now, here, reread) if now is not None else None
        if not isinstance(found, Change):
            return None
        text, now = found.text, reread(found.text)
        means.append(found.means)
        notes += found.notes
    return Change(text, "; ".join(means), tuple(notes)) if now is not None else None


def _first(said: Said, here: Here) -> Understood | None:
    return next((found for rule in RULES if (found := rule(said, here)) is not None), None)


def _applied(text: str, found: Understood) -> Understood | Change:
    try:
        return Change(apply(text, list(found.edits)), found.means)
    except EditRefused as error:
        return Understood(refused=f"{error.message} {error.hint}".strip())
