"""What plain data is to an expression: its members, its equality and order, its truth, its text."""

from __future__ import annotations

import json
from typing import TypeGuard

from workflows.expressions.errors import Missing, Refusal
from workflows.expressions.work import MAX_DATA_DEPTH, MAX_INTEGER, Work, weigh
from workflows.values import Json

KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


def word(value: Json) -> str:
    """What kind of thing a value is, for messages."""
    return KINDS.get(type(value)) or f"a {type(value).__name__}"


def is_number(value: Json) -> TypeGuard[int | float]:
    return type(value) is int or type(value) is float


def member(value: Json, key: Json) -> Json:
    """`value.key` or `value[key]`. Only an object's keys and the items of a list or a text: never an attribute.

    Null has every member, and each is null: that is how the output of a skipped step reads. Raises Missing, also where
    a thing of this kind has no members.
    """
    if value is None:
        return None
    kind = type(value)
    if kind is dict:
        if type(key) is not str:
            raise Refusal(f"the keys of an object are text, not {word(key)}")
        if key in value:
            return value[key]
        raise Missing(f"no {key!r} here", value, key)
    if kind is list or kind is str:
        if type(key) is int:
            if -len(value) <= key < len(value):
                return value[key]
            raise Missing(f"no item {key} here: there are {len(value)}")
        if type(key) is not str:
            raise Refusal(f"the items of {word(value)} have numbers, not {word(key)}")
    if kind not in KINDS:
        raise Refusal(f"{word(value)} is not data")
    raise Missing(f"{word(value)} has no {key!r}")


def same(work: Work, left: Json, right: Json, depth: int = 0) -> bool:
    """JSON equality: 1 equals 1.0, true does not equal 1, objects are equal in any order."""
    work.items(1)
    if is_number(left) and is_number(right):
        return left == right
    if type(left) is not type(right):
        return False
    if type(left) is str:
        work.characters(min(len(left), len(right)))
        return bool(left == right)
    if type(left) not in (list, dict):
        return bool(left == right)
    if depth > MAX_DATA_DEPTH:
        raise Refusal(f"data nested deeper than {MAX_DATA_DEPTH}")
    if len(left) != len(right):
        return False
    if type(left) is list:
        return all(same(work, a, b, depth + 1) for a, b in zip(left, right, strict=True))
    return all(key in right and same(work, item, right[key], depth + 1) for key, item in left.items())


def contains(work: Work, whole: Json, part: Json) -> bool:
    """`part in whole`: a piece of a text, an item of a list, a key of an object."""
    if type(whole) is list:
        return any(same(work, item, part) for item in whole)
    if type(whole) not in (str, dict):
        raise Refusal(f"`in` looks into text, a list or an object, not {word(whole)}", null_hint(whole))
    if type(part) is not str:
        raise Refusal(f"`in` looks for text in {word(whole)}, not for {word(part)}", null_hint(part))
    work.characters(len(whole) if type(whole) is str else 0)
    return part in whole


def comparable(values: list[Json]) -> None:
    """Refuses values that have no order among them: all numbers or all texts have."""
    if all(map(is_number, values)) or all(type(value) is str for value in values):
        return
    kinds = sorted({word(value) for value in values})
    odd = f"{kinds[0]} with {kinds[1]}" if len(kinds) > 1 else f"{kinds[0]} with {kinds[0]}"
    raise Refusal(f"cannot order {odd}", "only numbers, or only texts, have an order: see int(), float() and str()")


def freeze(value: Json) -> object:
    """A hashable stand-in, equal where the values are the `same`. For weighed data, as it trusts its depth."""
    if type(value) is bool:
        return ("boolean", value)
    if type(value) is list:
        return ("list", *map(freeze, value))
    if type(value) is dict:
        return frozenset((key, freeze(item)) for key, item in value.items())
    return value


def to_text(work: Work, value: Json) -> str:
    """As it stands in a text: text as it is, everything else as JSON."""
    return value if type(value) is str else to_json(work, value)


def to_json(work: Work, value: Json, indent: int | None = None) -> str:
    """JSON in the order of the data. Refuses what is no JSON, such as infinities."""
    work.characters(weigh(value))
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError as error:  # a whole number of more digits than Python writes
        raise Refusal("a number too long to write") from error
    work.text(len(text))
    return text


def bounded(number: int | float) -> int | float:
    """A number that was computed, if it is one that JSON and everyone who reads it can hold."""
    if type(number) is int and abs(number) > MAX_INTEGER:
        raise Refusal("the number is too large: whole numbers have 64 bits")
    if number - number != 0:
        raise Refusal("the result is not a finite number")
    return number


def null_hint(value: Json) -> str:
    return "a skipped step reads as null: say what to use instead with `| default(…)`" if value is None else ""
