"""The table of everything that can be called. What is not in it does not exist.

Every function is also a filter: `f(x, y)` and `x | f(y)` are the same. The signature of the Python function is the
truth: its annotations say what is accepted, so no function checks kinds itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from workflows.expressions import list_functions, text_functions
from workflows.expressions.data import is_number
from workflows.expressions.errors import Refusal
from workflows.expressions.nodes import Function, Parameter
from workflows.expressions.pattern_reader import compile_pattern
from workflows.expressions.work import Work
from workflows.values import Json

_ACCEPTS: dict[str, tuple[frozenset[type] | None, str]] = {
    "Json": (None, "anything"),
    "str": (frozenset({str}), "text"),
    "int": (frozenset({int}), "a whole number"),
    "bool": (frozenset({bool}), "true or false"),
    "int | float": (frozenset({int, float}), "a number"),
    "list[Json]": (frozenset({list}), "a list"),
    "dict[str, Json]": (frozenset({dict}), "an object"),
    "str | None": (frozenset({str, type(None)}), "text"),
    "int | None": (frozenset({int, type(None)}), "a whole number"),
    "str | list[Json]": (frozenset({str, list}), "text or a list"),
    "list[Json] | dict[str, Json]": (frozenset({list, dict}), "a list or an object"),
    "str | list[Json] | dict[str, Json]": (frozenset({str, list, dict}), "text, a list or an object"),
}


def now(work: Work) -> Json:
    if work.outside.now is None:
        raise Refusal("now() cannot be used here")
    return work.outside.now()


def file_exists(work: Work, path: str) -> Json:
    if work.outside.file_exists is None:
        raise Refusal("file_exists() cannot be used here")
    work.characters(len(path))
    return work.outside.file_exists(path)


def _described(name: str, run: Callable[..., Json]) -> Function:
    parameters = []
    for parameter in list(inspect.signature(run).parameters.values())[1:]:
        accepts, words = _ACCEPTS[parameter.annotation]
        required = parameter.default is parameter.empty
        parameters.append(Parameter(parameter.name, accepts, words, required, None if required else parameter.default))
    return Function(name, tuple(parameters), run)


_RUNS: dict[str, Callable[..., Json]] = {
    "len": list_functions.length,
    "length": list_functions.length,
    "first": list_functions.first,
    "last": list_functions.last,
    "reverse": list_functions.reverse,
    "sort": list_functions.sort,
    "unique": list_functions.unique,
    "min": list_functions.smallest,
    "max": list_functions.largest,
    "sum": list_functions.total,
    "map": list_functions.map_attribute,
    "pick": list_functions.pick,
    "select": list_functions.select,
    "reject": list_functions.reject,
    "keys": list_functions.keys,
    "values": list_functions.values,
    "items": list_functions.items,
    "round": list_functions.rounded,
    "abs": list_functions.absolute,
    "upper": text_functions.upper,
    "lower": text_functions.lower,
    "trim": text_functions.trim,
    "replace": text_functions.replace,
    "split": text_functions.split,
    "lines": text_functions.lines,
    "join": text_functions.join,
    "truncate": text_functions.truncate,
    "contains": text_functions.has,
    "startswith": text_functions.starts_with,
    "endswith": text_functions.ends_with,
    "regex_match": text_functions.regex_match,
    "str": text_functions.string,
    "string": text_functions.string,
    "int": text_functions.integer,
    "float": text_functions.floating,
    "bool": text_functions.boolean,
    "tojson": text_functions.tojson,
    "fromjson": text_functions.fromjson,
    "now": now,
    "file_exists": file_exists,
}

FUNCTIONS = {name: _described(name, run) for name, run in _RUNS.items()}


def _test(name: str, holds: Callable[[Json], bool]) -> Function:
    return Function(name, (Parameter("value", None, "anything", True, None),), lambda work, value: holds(value))


TESTS: dict[str, Function] = {
    name: _test(name, holds)
    for name, holds in {
        "none": lambda value: value is None,
        "null": lambda value: value is None,
        "true": lambda value: value is True,
        "false": lambda value: value is False,
        "boolean": lambda value: type(value) is bool,
        "string": lambda value: type(value) is str,
        "number": is_number,
        "integer": lambda value: type(value) is int,
        "float": lambda value: type(value) is float,
        "list": lambda value: type(value) is list,
        "mapping": lambda value: type(value) is dict,
        "object": lambda value: type(value) is dict,
    }.items()
}
"""After `is`. (`is defined` and `is undefined` are the walk's own: they must see what is missing.)"""

CHECKS: dict[tuple[str, str], Callable[[str], object]] = {("regex_match", "pattern"): compile_pattern}
"""Constant arguments that can be found wrong before the run."""
