"""Calls, filters and tests, bound to the functions of the table: names and numbers of arguments are settled here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.expressions.errors import Refusal, did_you_mean
from workflows.expressions.functions import CHECKS, FUNCTIONS, TESTS
from workflows.expressions.nodes import Call, Constant, Default, Defined, Function, Node

_ELSEWHERE = {
    "env": "`env.NAME` reads an environment variable that the workflow declares",
    "attr": "write `.name`, or `['name']`",
    "selectattr": "write `select('name', value)`",
    "rejectattr": "write `reject('name', value)`",
    "range": "there are no loops: use `foreach`, or map and select",
    "format": "`~` joins anything into text",
    "d": "write `default`",
}


def check_function(name: str, at: int) -> None:
    """Raises Refusal for a name that is not in the table."""
    if name not in FUNCTIONS and name != "default":
        hint = _ELSEWHERE.get(name) or did_you_mean(name, [*FUNCTIONS, "default"])
        raise Refusal(f"there is no function `{name}`", hint, at)


def bind_call(name: str, at: int, arguments: Sequence[Node], named: Mapping[str, Node]) -> Node:
    """`name(…)`, or `… | name(…)` with the piped value as the first argument. Raises Refusal."""
    if name == "default":
        return _default(at, arguments, named)
    return Call(at, FUNCTIONS[name], _bound(FUNCTIONS[name], at, arguments, named))


def bind_test(name: str, at: int, value: Node, others: int) -> Node:
    """`value is name`. Raises Refusal."""
    if name not in TESTS and name not in ("defined", "undefined"):
        raise Refusal(f"there is no test `is {name}`", did_you_mean(name, [*TESTS, "defined", "undefined"]), at)
    if others:
        raise Refusal(f"the test `is {name}` takes nothing more", at=at)
    if name in ("defined", "undefined"):
        return Defined(at, value, name == "defined")
    return Call(at, TESTS[name], (value,))


def _default(at: int, arguments: Sequence[Node], named: Mapping[str, Node]) -> Node:
    if named or len(arguments) not in (2, 3):
        raise Refusal("default takes one value, and `true` to replace what is empty too", "`x | default('none')`", at)
    value, fallback, falsy = [*arguments, Constant(at, False)][:3]
    return Default(at, value, fallback, falsy)


def _bound(function: Function, at: int, arguments: Sequence[Node], named: Mapping[str, Node]) -> tuple[Node, ...]:
    names = [parameter.name for parameter in function.parameters]
    takes = f"{function.name} takes {', '.join(_described(function)) or 'nothing'}"
    if len(arguments) > len(names):
        raise Refusal(f"{takes}: {len(arguments)} values are too many", at=at)
    given = dict(zip(names, arguments, strict=False))
    for name, node in named.items():
        if name not in names:
            raise Refusal(f"{takes}: there is no `{name}`", did_you_mean(name, names), node.at)
        if name in given:
            raise Refusal(f"{takes}: `{name}` is given twice", at=node.at)
        given[name] = node
    for parameter in function.parameters:
        if parameter.name in given:
            _check(function, parameter.name, given[parameter.name])
        elif parameter.required:
            raise Refusal(f"{takes}: `{parameter.name}` is missing", at=at)
    # What is left out at the end stays out; what is left out before a given one is filled in.
    last = max((names.index(name) for name in given), default=-1)
    filled = [given.get(p.name) or Constant(at, p.default) for p in function.parameters]
    return tuple(filled[: last + 1])


def _check(function: Function, name: str, node: Node) -> None:
    check = CHECKS.get((function.name, name))
    if check is None or not isinstance(node, Constant) or type(node.value) is not str:
        return
    try:
        check(node.value)
    except Refusal as refusal:
        refusal.at = node.at
        raise


def _described(function: Function) -> list[str]:
    return [p.name if p.required else f"{p.name} (if wanted)" for p in function.parameters]
