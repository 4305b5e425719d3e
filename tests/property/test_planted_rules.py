"""The tests of the optimiser's rules find wrong rules: each is broken once, and has to be found in as many examples.

It takes a while, and is done where the rules, or their tests, are changed: `UNDERSTUDY_PLANTED=1`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from composer.edit import AddItem, Edit, RemoveField, SetField
from composer.optimise import RULES, Subject, Suggestion, prune, retries, subject, timeouts
from tests.property.test_optimise import check

pytestmark = pytest.mark.skipif(not os.environ.get("UNDERSTUDY_PLANTED"), reason="UNDERSTUDY_PLANTED=1 does it")

Rule = Callable[[Subject], Iterator[Suggestion]]


def of_every(rule: str, kind: str, *edits: Callable[[str], Edit]) -> Rule:
    """A rule that suggests the same for every step of a kind."""

    def suggest(whole: Subject) -> Iterator[Suggestion]:
        for fact in whole.facts:
            if fact.one.kind == kind:
                yield Suggestion(rule, "planted", tuple(edit(fact.id) for edit in edits), (fact.id,))

    return suggest


def undo(whole: Subject) -> Iterator[Suggestion]:
    """Whatever is gone past."""
    ids = tuple(fact.id for fact in whole.facts)
    yield Suggestion("undo", "planted", (AddItem(("error_handlers",), {"error": "any", "action": "rollback"}),), ids)


def gates(whole: Subject) -> Iterator[Suggestion]:
    """Whether or not anybody is there."""
    for fact in whole.facts:
        if fact.one.foreseen == "unsafe" and not fact.one.undo:
            yield Suggestion("gates", "planted", (SetField(("approve",), "before", fact.id),), (fact.id,))


FAULTS: dict[str, tuple[str, Any, Any, Any]] = {
    "what acts is done at the same time": ("parallelise", subject, "is_quiet", lambda step: True),
    "what acts is gone ahead of": ("prefetch", subject, "is_quiet", lambda step: True),
    "items that act are done at the same time": ("batch", subject, "is_quiet", lambda step: True),
    "what acts is taken out": ("prune", subject, "is_quiet", lambda step: True),
    "what may fail is taken out": ("prune", prune, "_cannot_end_the_run", lambda whole, fact: True),
    "what looks at the world is remembered": (
        "cache",
        RULES,
        "cache",
        of_every("cache", "skill", lambda id_: SetField(("cache",), True, id_)),
    ),
    "nobody takes over any more": (
        "cheaper",
        RULES,
        "cheaper",
        of_every(
            "cheaper",
            "agent",
            lambda id_: SetField(("agent",), "small", id_),
            lambda id_: RemoveField(("fallback",), id_),
        ),
    ),
    "somebody else begins": (
        "cheaper",
        RULES,
        "cheaper",
        of_every("cheaper", "agent", lambda id_: SetField(("agent",), "other", id_)),
    ),
    "what acts is repeated": ("retries", retries, "_may_be_repeated", lambda fact: True),
    "limits are as long as the longest try": ("timeouts", timeouts, "TIMES", 1),
    "what is gone past ends the run": ("undo", RULES, "undo", undo),
    "a gate where nobody is": ("gates", RULES, "gates", gates),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, where, name, wrong = FAULTS[fault]
    if where is RULES:
        monkeypatch.setitem(where, name, wrong)
    else:
        monkeypatch.setattr(where, name, wrong)
    with pytest.raises(AssertionError):
        check(rule)
