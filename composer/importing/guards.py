"""Which steps are done only where a conditional chose them, as conditions of ours.

The rules: a branch's target is done where that branch is taken; where two lead to it, where either is. What depends on
steps that all have a condition is done where one of these is. A conditional's own condition holds for its targets too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from composer.importing.steps import Target


@dataclass(frozen=True)
class Guards:
    """`after` is what each step depends on, by the document's word."""

    targets: Sequence[Target]
    after: Mapping[str, Sequence[str]]

    def of(self, step: str, seen: Collection[str] = ()) -> str:
        """The step's condition, empty where it has none. Steps that depend on each other in a circle have none."""
        if step in seen:
            return ""
        seen = (*seen, step)
        chosen = self._chosen(step, seen)
        deciders = {target.conditional for target in self.targets if target.step == step}
        before = [self.of(other, seen) for other in self.after.get(step, ()) if other not in deciders]
        follows = _either(before) if all(before) else ""
        return _both(chosen, follows)

    def _chosen(self, step: str, seen: Collection[str]) -> str:
        ways: dict[str, set[bool]] = {}
        for target in self.targets:
            if target.step == step:
                ways.setdefault(target.conditional, set()).add(target.taken)
        terms = []
        for conditional, taken in ways.items():
            result = f"steps.{conditional}.output.condition_result"
            way = "" if len(taken) > 1 else result if True in taken else f"not {result}"
            terms.append(_both(self.of(conditional, seen), way))
        return _either(terms) if all(terms) else ""


def _both(one: str, other: str) -> str:
    if not one or not other or one == other:
        return one or other
    return f"{_grouped(one, ' or ')} and {_grouped(other, ' or ')}"


def _either(terms: Iterable[str]) -> str:
    different = list(dict.fromkeys(terms))
    if any(f"not {term}" in different for term in different):
        return ""
    return different[0] if len(different) == 1 else " or ".join(_grouped(term, " and ") for term in different)


def _grouped(term: str, word: str) -> str:
    return f"({term})" if word in term else term
