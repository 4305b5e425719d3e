"""All rules, what each of them may change, and their suggestions held against that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice

from composer.diff import Difference, compare
from composer.edit import EditRefused, apply
from composer.optimise import (
    batch,
    cache,
    cheaper,
    gates,
    parallelise,
    prefetch,
    prune,
    retries,
    timeouts,
    undo,
)
from composer.optimise.subject import Rule, Subject, Suggestion
from workflows.definition.model import Workflow

RULES: Mapping[str, Rule] = {
    module.RULE: module.suggest
    for module in (parallelise, prefetch, batch, cache, prune, cheaper, retries, timeouts, undo, gates)
}
"""Every rule by its name: those for speed first, then for money, then for safety."""

MOST = 30
"""Suggestions at once: each is looked at by reading the whole text anew, and nobody reads more."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "batch": ("foreach.max_parallel",),
    "cache": ("cache",),
    "cheaper": ("agent", "fallback"),
    "retries": ("retry",),
    "timeouts": ("timeout",),
    "gates": ("approve",),
    "prefetch": ("needs",),
}
"""The fields of a step that a rule may change."""


def suggestions(
    subject: Subject, parse: Callable[[str], Workflow | None], only: Collection[str] = ()
) -> tuple[Suggestion, ...]:
    """What the rules suggest, or only these, rule after rule and each by itself, MOST of them.

    `parse` gives a text's workflow, None where it has errors.
    """
    found = (
        suggestion
        for name, rule in RULES.items()
        if not only or name in only
        for suggestion in rule(subject)
        if keeps_meaning(subject, suggestion, parse)
    )
    return tuple(islice(found, MOST))


def keeps_meaning(subject: Subject, suggestion: Suggestion, parse: Callable[[str], Workflow | None]) -> bool:
    """Whether a suggestion's edits change what its rule may change, and nothing else."""
    try:
        after = parse(apply(subject.text, suggestion.edits))
    except EditRefused:
        return False
    if after is None:
        return False
    return all(_may(suggestion, difference) for difference in compare(subject.workflow, after))


def _may(suggestion: Suggestion, difference: Difference) -> bool:
    rule, what, how = suggestion.rule, difference.what, difference.how
    fields = {field.path for field in difference.fields}
    match rule, what, how:
        case "parallelise", "step", "added":
            return fields == {"type"}
        case (("parallelise" | "prefetch"), "step", "moved"):
            return difference.name in suggestion.steps
        case (("parallelise" | "prefetch"), "stage", "changed"):
            return fields <= {"parallel", "max_parallel"}
        case "prefetch", "stage", "removed":
            return True
        case "prune", "step", "removed":
            return difference.name in suggestion.steps
        case "prune", "stage", "removed":
            return True
        case "prune", "step", "changed":
            return fields == {"needs"}
        case "undo", "handler", "added":
            return difference.name == "any"
        case _, "step", "changed":
            allowed = _FIELDS.get(rule, ())
            return all(any(path == each or path.startswith(f"{each}.") for each in allowed) for path in fields)
    return False
