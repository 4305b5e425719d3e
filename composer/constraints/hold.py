"""Reads all constraints of a request, and makes a draft so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from composer.constraints import approval, failure, limits, money, starting, telling, together, untouched
from composer.constraints.sketch import Constraint, Sketch
from composer.demands import Demand
from composer.edit import EditRefused, apply, describe
from composer.evaluation.subject import subject_of
from workflows.definition.model import Workflow
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.values import Json

LONGEST = 4000
"""Characters of a request that are read: nobody demands more in a sentence."""

Parse = Callable[[str], Workflow | None]
"""Reads a workflow's text; None where it has an error of any kind."""


@dataclass(frozen=True)
class Held:
    """What became of demands: the text, each demand, and what was taken for granted."""

    text: str
    demands: tuple[Demand, ...]
    assumed: tuple[str, ...]


def read_constraints(request: str) -> tuple[Constraint, ...]:
    """What a request demands, in the order in which it is best done."""
    request = request[:LONGEST]
    found: list[Constraint] = []
    for module in (untouched, together, limits, failure, money, starting, telling, approval):
        found += module.read(request)
    timed = next((each for each in found if isinstance(each, starting.Starting) and each.every), None)
    return tuple(each for each in found if not (timed and isinstance(each, limits.Timeout) and _overlap(each, timed)))


def hold(
    text: str,
    constraints: Iterable[Constraint],
    parse: Parse,
    values: Mapping[str, Json] | None = None,
    channels: frozenset[str] = frozenset({"terminal", "desktop"}),
) -> Held:
    """The text with what is demanded in it. What cannot be held is left out and said. Never raises."""
    demands: list[Demand] = []
    assumed: list[str] = []
    for each in constraints:
        text, demand = _one(text, each, parse, values, channels)
        demands.append(demand)
        if each.assumed:
            assumed.append(each.assumed)
    return Held(text, tuple(demands), tuple(assumed))


def without(request: str, constraints: Sequence[Constraint]) -> str:
    """The request without the words that only demand something: what is left says what is to be done."""
    for each in constraints:
        blank = " " * (each.said.end - each.said.start)
        request = request[: each.said.start] + blank + request[each.said.end :]
    return request


def _one(
    text: str, each: Constraint, parse: Parse, values: Mapping[str, Json] | None, channels: frozenset[str]
) -> tuple[str, Demand]:
    workflow = parse(text)
    if workflow is None:
        return text, Demand(each.said.words, each.means, False, "the draft cannot be read")
    try:
        sketch = Sketch(subject_of(workflow, values), channels)
        edits = each.edits(sketch)
        changed = apply(text, edits) if edits else text
    except EditRefused as refused:
        return text, Demand(each.said.words, each.means, False, refused.message)
    except UnderstudyError as error:
        return text, Demand(each.said.words, each.means, False, f"{error.message} {error.hint}".strip())
    if parse(changed) is None:
        return text, Demand(each.said.words, each.means, False, "the draft would not be valid with it")
    caveat = each.caveat(sketch) if isinstance(each, telling.Telling) else ""
    how = "; ".join([*(describe(edit) for edit in edits[:6]), *([caveat] if caveat else [])]) or "it is so already"
    return changed, Demand(each.said.words, each.means, True, how, changed != text)


def _overlap(one: Constraint, other: Constraint) -> bool:
    return one.said.start < other.said.end and other.said.start < one.said.end
