"""Functions on lists, objects and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.expressions.data import bounded, comparable, freeze, is_number, member, same, word
from workflows.expressions.errors import Missing, Refusal
from workflows.expressions.work import Work, weigh
from workflows.values import Json

_NOTHING = object()
"""No default given. (Null is a default like any other.)"""


def length(work: Work, value: str | list[Json] | dict[str, Json]) -> Json:
    return len(value)


def first(work: Work, value: str | list[Json]) -> Json:
    return member(value, 0)


def last(work: Work, value: str | list[Json]) -> Json:
    return member(value, -1)


def reverse(work: Work, value: str | list[Json]) -> Json:
    work.text(len(value)) if type(value) is str else work.items(len(value))
    return value[::-1]


def sort(work: Work, items: list[Json], attribute: str | None = None, reverse: bool = False) -> Json:
    """By the items themselves or by one member of each; equal ones keep their order."""
    keys = _ordered(work, items, attribute)
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return [items[place] for place in order]


def unique(work: Work, items: list[Json], attribute: str | None = None) -> Json:
    """The first of every group of equal items, or of items with an equal member."""
    work.items(len(items) + weigh(items) // 100)
    seen: set[object] = set()
    kept = []
    for item in items:
        key = freeze(item if attribute is None else _attribute(work, item, attribute))
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def smallest(work: Work, items: list[Json], attribute: str | None = None) -> Json:
    return _extreme(work, items, attribute, min)


def largest(work: Work, items: list[Json], attribute: str | None = None) -> Json:
    return _extreme(work, items, attribute, max)


def total(work: Work, items: list[Json], attribute: str | None = None) -> Json:
    values = items if attribute is None else map_attribute(work, items, attribute)
    work.items(len(values))
    result: int | float = 0
    for value in values:
        if not is_number(value):
            raise Refusal(f"sum: adds numbers, not {word(value)}")
        result = bounded(result + value)
    return result


def map_attribute(work: Work, items: list[Json], attribute: str, default: Json = _NOTHING) -> Json:
    """One member of each item: `commits | map('author.name')`."""
    work.items(len(items))
    return [_attribute(work, item, attribute, default) for item in items]


def select(work: Work, items: list[Json], attribute: str, equals: Json = True) -> Json:
    """The items whose member is equal: `commits | select('type', 'fix')`. Items without the member are left out."""
    return [item for item in items if _has(work, item, attribute, equals)]


def reject(work: Work, items: list[Json], attribute: str, equals: Json = True) -> Json:
    """The items that `select` leaves out."""
    return [item for item in items if not _has(work, item, attribute, equals)]


def pick(work: Work, value: list[Json] | dict[str, Json], names: list[Json]) -> Json:
    """Only these members of an object, or of every object of a list; those that are not there are left out."""
    if not all(type(name) is str for name in names):
        raise Refusal("pick wants a list of names, such as ['id', 'title']")
    items = value if isinstance(value, list) else [value]
    work.items(len(items) * max(len(names), 1) + weigh(value) // 100)
    for item in items:
        if type(item) is not dict:
            raise Refusal(f"pick wants objects, not {word(item)}")
    picked = [{name: item[name] for name in names if name in item} for item in items]
    return picked if isinstance(value, list) else picked[0]


def keys(work: Work, value: dict[str, Json]) -> Json:
    work.items(len(value))
    return list(value)


def values(work: Work, value: dict[str, Json]) -> Json:
    work.items(len(value))
    return list(value.values())


def items(work: Work, value: dict[str, Json]) -> Json:
    """Pairs of key and value, each a list of two."""
    work.items(2 * len(value))
    return [[key, item] for key, item in value.items()]


def rounded(work: Work, value: int | float, digits: int = 0) -> Json:
    """To that many digits after the point; a whole number where there are none. Halves go to the even side."""
    if not 0 <= digits <= 15:
        raise Refusal("round: 0 to 15 digits")
    number = bounded(value)
    return bounded(round(number, digits) if digits else round(number))


def absolute(work: Work, value: int | float) -> Json:
    return bounded(abs(value))


def _attribute(work: Work, item: Json, attribute: str, default: Json = _NOTHING) -> Json:
    names = _names(attribute)
    work.items(len(names) - 1)
    try:
        for name in names:
            item = member(item, name)
    except Missing:
        if default is _NOTHING:
            raise
        return default
    return item


def _names(attribute: str) -> list[str | int]:
    if not 0 < len(attribute) <= 200:
        raise Refusal("the name of a member has 1 to 200 characters")
    return [int(name) if name.isdecimal() and len(name) < 10 else name for name in attribute.split(".")]


def _has(work: Work, item: Json, attribute: str, equals: Json) -> bool:
    try:
        return same(work, _attribute(work, item, attribute), equals)
    except Missing:
        work.items(1)
        return False


def _ordered(work: Work, items: list[Json], attribute: str | None) -> list[Json]:
    """What to order the items by, after it is clear that there is an order."""
    found: list[Json] = items if attribute is None else map_attribute(work, items, attribute)
    work.items(len(found))
    comparable(found)
    work.characters(sum(_lengths(found)))
    return found


def _lengths(items: list[Json]) -> Iterator[int]:
    return (len(item) for item in items if type(item) is str)


def _extreme(work: Work, items: list[Json], attribute: str | None, choose: Callable[..., int]) -> Json:
    keys = _ordered(work, items, attribute)
    if not items:
        raise Missing("an empty list has no smallest or largest item")
    return items[choose(range(len(items)), key=keys.__getitem__)]
