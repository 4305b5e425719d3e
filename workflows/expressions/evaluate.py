"""The walk: a tree and a scope of plain data to a value. Nothing here can reach an attribute of any object."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from workflows.expressions import nodes
from workflows.expressions.data import (
    KINDS,
    bounded,
    comparable,
    contains,
    is_number,
    member,
    null_hint,
    same,
    to_text,
    word,
)
from workflows.expressions.errors import Missing, Refusal
from workflows.expressions.work import Work
from workflows.values import Json

Scope: TypeAlias = Mapping[str, Json]


def walk(node: nodes.Node, scope: Scope, work: Work) -> Json:
    """The value of a tree. Parts of the scope are passed on as they are, not copied. Raises Refusal."""
    try:
        return _WALKS[type(node)](node, scope, work)
    except Refusal as refusal:
        if refusal.at is None:
            refusal.at = node.at
        raise
    except OverflowError:  # a whole number in the data that is no float
        raise Refusal("the number is too large", at=node.at) from None


def _constant(node: nodes.Constant, scope: Scope, work: Work) -> Json:
    return node.value


def _path(node: nodes.Path, scope: Scope, work: Work) -> Json:
    try:
        value = scope[node.root]
        for key in node.keys:
            value = value[key] if type(value) is dict and type(key) is str else member(value, key)
    except (KeyError, Refusal):
        raise _lost(node, scope) from None
    if type(value) not in KINDS:
        raise Refusal(f"{written(node)}: {word(value)} is not data")
    return value


def _lost(node: nodes.Path, scope: Scope) -> Refusal:
    """Where on its way a path got lost, told after the fact so that the usual way is fast."""
    if node.root not in scope:
        return Missing(f"`{node.root}` has no value here")
    value, way = scope[node.root], node.root
    for key, place in zip(node.keys, node.places, strict=True):
        try:
            value = member(value, key)
        except Missing as missing:
            if missing.key is not None:
                return Missing(f"{written(node)}: no {key!r} in {way}", missing.keys, missing.key, place)
            return Missing(f"{written(node)}: {missing.message}", at=place)
        except Refusal as refusal:
            refusal.at = place
            return refusal
        way = f"{way}.{key}" if type(key) is str else f"{way}[{key}]"
    return Missing(f"{written(node)} was changed while it was read")


def written(node: nodes.Path) -> str:
    return node.root + "".join(f".{key}" if type(key) is str else f"[{key}]" for key in node.keys)


def _member(node: nodes.Member, scope: Scope, work: Work) -> Json:
    value = walk(node.of, scope, work)
    for key in node.keys:
        found = walk(key, scope, work)
        try:
            value = member(value, found)
        except Refusal as refusal:
            refusal.at = key.at
            raise
    return value


def _slice(node: nodes.Slice, scope: Scope, work: Work) -> Json:
    value = walk(node.of, scope, work)
    bounds = [None if part is None else walk(part, scope, work) for part in (node.start, node.stop, node.step)]
    if value is None:
        return None
    if type(value) not in (list, str):
        raise Refusal(f"only a list or a text can be cut by [from:to], not {word(value)}")
    if not all(bound is None or type(bound) is int for bound in bounds) or bounds[2] == 0:
        raise Refusal("[from:to:step] takes whole numbers, and a step other than 0")
    places = slice(*bounds)
    count = len(range(*places.indices(len(value))))
    work.text(count) if type(value) is str else work.items(count)
    return value[places]


def _list(node: nodes.ListOf, scope: Scope, work: Work) -> Json:
    return [walk(item, scope, work) for item in node.items]


def _object(node: nodes.ObjectOf, scope: Scope, work: Work) -> Json:
    made: dict[str, Json] = {}
    for key_node, item in node.pairs:
        key = walk(key_node, scope, work)
        if type(key) is not str:
            raise Refusal(f"the keys of an object are text, not {word(key)}", at=key_node.at)
        made[key] = walk(item, scope, work)
    return made


_NUMERIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _arithmetic(node: nodes.Arithmetic, scope: Scope, work: Work) -> Json:
    value = walk(node.first, scope, work)
    for sign, operand in node.rest:
        other = walk(operand, scope, work)
        try:
            value = _calculated(sign, value, other, work)
        except Refusal as refusal:
            refusal.at = operand.at
            raise
    return value


def _calculated(sign: str, left: Json, right: Json, work: Work) -> Json:
    if is_number(left) and is_number(right):
        try:
            return bounded(_NUMERIC[sign](left, right))
        except ZeroDivisionError:
            raise Refusal("division by zero") from None
    if sign == "+" and type(left) is type(right) and type(left) in (str, list):
        work.text(len(left) + len(right)) if type(left) is str else work.items(len(left) + len(right))
        return left + right
    hint = null_hint(left) or null_hint(right)
    if not hint and str in (type(left), type(right)):
        hint = "`~` joins anything into text; int() and float() make numbers of it"
    raise Refusal(f"cannot calculate {word(left)} {sign} {word(right)}", hint)


def _sign(node: nodes.Sign, scope: Scope, work: Work) -> Json:
    value = walk(node.operand, scope, work)
    if not is_number(value):
        raise Refusal(f"only a number can have a sign, not {word(value)}", null_hint(value))
    return bounded(-value if node.negative else value)


def _concatenation(node: nodes.Concatenation, scope: Scope, work: Work) -> Json:
    texts = [to_text(work, walk(item, scope, work)) for item in node.items]
    work.text(sum(map(len, texts)))
    return "".join(texts)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}


def _comparison(node: nodes.Comparison, scope: Scope, work: Work) -> Json:
    left = walk(node.first, scope, work)
    for sign, operand in node.rest:
        right = walk(operand, scope, work)
        if not _holds(sign, left, right, work):
            return False
        left = right
    return True


def _holds(sign: str, left: Json, right: Json, work: Work) -> bool:
    if sign in ("eq", "ne"):
        return same(work, left, right) == (sign == "eq")
    if sign in ("in", "notin"):
        return contains(work, right, left) == (sign == "in")
    comparable([left, right])
    work.characters(min(len(left), len(right)) if type(left) is str else 0)
    return _ORDERS[sign](left, right)


def _not(node: nodes.Not, scope: Scope, work: Work) -> Json:
    return not walk(node.operand, scope, work)


def _logic(node: nodes.Logic, scope: Scope, work: Work) -> Json:
    value: Json = None
    for operand in node.operands:
        value = walk(operand, scope, work)
        if bool(value) != node.every:
            break
    return value


def _choice(node: nodes.Choice, scope: Scope, work: Work) -> Json:
    return walk(node.then if walk(node.test, scope, work) else node.otherwise, scope, work)


def _call(node: nodes.Call, scope: Scope, work: Work) -> Json:
    function = node.function
    values: list[Json] = []
    for parameter, argument in zip(function.parameters, node.arguments, strict=False):
        value = walk(argument, scope, work)
        if parameter.accepts is not None and type(value) not in parameter.accepts:
            what = f"takes {parameter.words}" if not values else f"takes {parameter.words} as `{parameter.name}`"
            raise Refusal(f"{function.name} {what}, not {word(value)}", null_hint(value), argument.at)
        values.append(value)
    return function.run(work, *values)


def _default(node: nodes.Default, scope: Scope, work: Work) -> Json:
    try:
        value = walk(node.value, scope, work)
    except Missing:
        value = None
    if value is None or (not value and walk(node.falsy, scope, work)):
        return walk(node.fallback, scope, work)
    return value


def _defined(node: nodes.Defined, scope: Scope, work: Work) -> Json:
    try:
        walk(node.value, scope, work)
    except Missing:
        return not node.expected
    return node.expected


_WALKS: dict[type[nodes.Node], Callable[[Any, Scope, Work], Json]] = {
    nodes.Constant: _constant,
    nodes.Path: _path,
    nodes.Member: _member,
    nodes.Slice: _slice,
    nodes.ListOf: _list,
    nodes.ObjectOf: _object,
    nodes.Arithmetic: _arithmetic,
    nodes.Sign: _sign,
    nodes.Concatenation: _concatenation,
    nodes.Comparison: _comparison,
    nodes.Not: _not,
    nodes.Logic: _logic,
    nodes.Choice: _choice,
    nodes.Call: _call,
    nodes.Default: _default,
    nodes.Defined: _defined,
}
