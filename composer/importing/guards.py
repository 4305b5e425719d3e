"""Which steps are done only where a conditional chose them, as conditions of ours.

The rules: a branch's target is done where that branch is taken; where two lead to it, where either is. What depends on
steps that all have a condition is done where one of these is. A conditional's own condition holds for its targets too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter

from composer.importing.steps import Target
from workflows.expressions.split import MAX_SOURCE


def conditions(
    targets: Sequence[Target], after: Mapping[str, Sequence[str]], within: Mapping[str, str]
) -> dict[str, str]:
    """The condition of each step, empty where it has none.

    `after` is what each step depends on, by the document's word; `within` is the outermost step that each is inside of,
    itself where it is inside of none. A condition that comes out too long to be one is cut, and still too long. Raises
    graphlib.CycleError for steps that wait for each other.
    """
    leading: dict[str, list[Target]] = {step: [] for step in after}
    for target in targets:
        leading.setdefault(target.step, []).append(target)
    graph = TopologicalSorter[str]()
    for step in after:
        graph.add(step, *after[step], *(within[target.conditional] for target in leading[step]))
    found: dict[str, str] = {}
    for step in graph.static_order():
        deciders = {target.conditional for target in leading.get(step, ())}
        before = [found[other] for other in after.get(step, ()) if other not in deciders]
        follows = _either(before) if all(before) else ""
        found[step] = _both(_chosen(leading.get(step, ()), found, within), follows)
    return found


def _chosen(leading: Iterable[Target], found: Mapping[str, str], within: Mapping[str, str]) -> str:
    ways: dict[str, set[bool]] = {}
    for target in leading:
        ways.setdefault(target.conditional, set()).add(target.taken)
    terms = []
    for conditional, taken in ways.items():
        result = f"steps.{conditional}.output.condition_result"
        way = "" if len(taken) > 1 else result if True in taken else f"not {result}"
        terms.append(_both(found[within[conditional]], way))
    return _either(terms) if all(terms) else ""


def _both(one: str, other: str) -> str:
    if not one or not other or one == other:
        return one or other
    return _within_reason(f"{_grouped(one, ' or ')} and {_grouped(other, ' or ')}")


def _either(terms: Iterable[str]) -> str:
    different = list(dict.fromkeys(terms))
    if any(f"not {term}" in different for term in different):
        return ""
    return different[0] if len(different) == 1 else _within_reason(" or ".join(_grouped(t, " and ") for t in different))


def _grouped(term: str, word: str) -> str:
    return f"({term})" if word in term else term


def _within_reason(condition: str) -> str:
    return condition[: MAX_SOURCE + 1]
