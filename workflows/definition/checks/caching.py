"""A result is cached only where nothing is lost by not doing the work again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from workflows.definition.outline import Outline, Placed
from workflows.steps.kind import Catalogue, Entry, Finding, StepKind, What

ASKS = "asks a person"


class Nothing:
    """A catalogue where none is at hand."""

    def find(self, what: What, name: str) -> Entry | None:
        return None

    def names(self, what: What) -> Sequence[str]:
        return ()


def check_caching(
    outline: Outline, kinds: Mapping[str, StepKind], catalogue: Catalogue, whole: Callable[[Placed], bool]
) -> Iterator[Finding]:
    """`whole` says whether a step could be read whole: of another one nothing is known."""
    # By identity: two steps may be written alike.
    held: dict[int, list[Placed]] = {}
    for each in outline.placed:
        for holder in each.inside:
            held.setdefault(id(holder), []).append(each)
    for placed in outline.placed:
        if not placed.step.cache or not whole(placed):
            continue
        for each in (placed, *filter(whole, held.get(id(placed.step), ()))):
            why = _why_not(each, kinds, catalogue)
            if why:
                what = f"'{each.step.id}'" if each is not placed else "it"
                hint = "take it out" if why == ASKS else "take it out; 'effect: pure' says that a step changes nothing"
                message = f"the result of this step cannot be cached: {what} {why}"
                yield Finding((*placed.path, "cache"), "conflict", message, hint)
                break


def _why_not(placed: Placed, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> str:
    """What is known of a step that forbids it; empty where nothing is, as of an agent, or of a skill not there."""
    step = placed.step
    kind = kinds.get(step.type)
    if kind is None or any(_names_nothing(found) for found in kind.check(step.fields, catalogue)):
        return ""
    description = kind.describe(step.fields, step.fallback, catalogue)
    if description.people:
        return ASKS
    effect = step.effect or description.effect
    return "changes something each time" if effect in ("idempotent", "unsafe") else ""


def _names_nothing(finding: Finding) -> bool:
    how, _, what = finding.code.partition("-")
    return how in ("unknown", "unusable") and what in ("skill", "agent", "workflow")
