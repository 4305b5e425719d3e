"""What was said of a draft, rule after rule: the first that understands it. Several things are taken one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from composer.conversation import layout, safety
from composer.conversation import vocabulary as v
from composer.conversation.safety import Here
from composer.conversation.said import Said, Understood, folded
from composer.conversation.values import value
from composer.edit import EditRefused, apply
from composer.evaluation.subject import subject_of
from workflows.definition.model import Workflow
from workflows.records import dataclass

_BACK = re.compile(rf"(?:please )?(?:{v.BACK})\b")

_AND = re.compile(
    r"\s*(?:[;.]\s+|,?\s+(?:and then|then|and also|and|und dann|und|y luego|y|puis|et|e depois|e)\s+|,\s+(?=\w))",
    re.IGNORECASE,
)

Rule = Callable[[Said, Here], Understood | None]

RULES: Sequence[Rule] = (
    lambda said, here: layout.rename(said),
    safety.cheaper,
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


@dataclass(frozen=True)
class Change:
    """A draft's text as it is after something was said, and what that meant."""

    text: str
    means: str


def understand(
    original: str, text: str, workflow: Workflow, here: Here, reread: Callable[[str], Workflow | None]
) -> Understood | Change | None:
    """What was meant; None where no rule understands it. `reread` gives the workflow of a changed text."""
    if (back := _back(folded(original))) is not None:
        return back
    whole = _first(Said(original, text, subject_of(workflow)), here)
    parts = [part for part in _AND.split(original) if part and part.strip()]
    if len(parts) > 1 and (several := _several(parts, text, workflow, here, reread)) is not None:
        return several
    if whole is None or not whole.edits:
        return whole
    return _applied(text, whole)


def _back(words: str) -> Understood | None:
    found = _BACK.match(words)
    if found is None or re.search(v.CONDITION, words):
        return None
    if re.search(v.FIRST, words[found.end() :]):
        return Understood(back=0)
    number = re.search(r"\b(\d)\b|\b(two|twice|zwei|dos|deux|duas)\b", words)
    return Understood(back=int(number[1]) if number and number[1] else 2 if number else 1)


def _several(
    parts: Sequence[str], text: str, workflow: Workflow, here: Here, reread: Callable[[str], Workflow | None]
) -> Change | None:
    """All parts, one on top of the other; None where one is not understood by itself."""
    means = []
    now: Workflow | None = workflow
    for part in parts:
        if now is None:
            return None
        found = _first(Said(part, text, subject_of(now)), here)
        if found is None or not found.edits:
            return None
        applied = _applied(text, found)
        if not isinstance(applied, Change):
            return None
        text, now = applied.text, reread(applied.text)
        means.append(applied.means)
    return Change(text, "; ".join(means)) if now is not None else None


def _first(said: Said, here: Here) -> Understood | None:
    return next((found for rule in RULES if (found := rule(said, here)) is not None), None)


def _applied(text: str, found: Understood) -> Understood | Change:
    try:
        return Change(apply(text, list(found.edits)), found.means)
    except EditRefused as error:
        return Understood(refused=f"{error.message} {error.hint}".strip())
