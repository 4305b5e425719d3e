"""Checks of a step that names something that exists elsewhere, and of the arguments that it hands over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.definition.fitting import BEFORE_THE_RUN, TooMuchWork, plainly_fits, worst_error
from workflows.diagnostics import suggest
from workflows.steps.kind import Catalogue, Entry, Finding, What
from workflows.values import Json, canonical, kind_of

Path = tuple[str | int, ...]

WORDS: Mapping[str, str] = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "a mapping",
}


def check_named(what: What, name: str, path: Path, catalogue: Catalogue) -> Iterable[Finding]:
    """Nothing, or why the name cannot be used: there is no such thing, or it is broken."""
    if not name:
        return  # missing, or no name at all: that was said when it was read
    entry = catalogue.find(what, name)
    if entry is None:
        names = list(catalogue.names(what))
        hint = suggest(name, names) or (
            f"`understudy {what}s` lists those that exist, and what is wrong with any"
            if names
            else f"there are no {what}s"
        )
        yield Finding(path, f"unknown-{what}", f"there is no {what} '{name}'", hint)
    elif entry.problem:
        yield Finding(path, f"unusable-{what}", f"the {what} '{name}' cannot be used: {entry.problem}")


def check_arguments(entry: Entry, given: Mapping[str, Json], path: Path = ("parameters",)) -> Iterable[Finding]:
    """Arguments against the entry's JSON Schema: names, and the values that have no expression in them."""
    schema = entry.parameters
    if not isinstance(schema, dict):
        return
    known: dict[str, Any] = schema.get("properties", {})
    closed = schema.get("additionalProperties") is False
    for name in given:
        if name not in known and (known or closed):
            hint = suggest(name, known) or (f"it takes {', '.join(known)}" if known else "it takes none")
            message = f"the {entry.what} '{entry.name}' has no parameter '{name}'"
            yield Finding((*path, name), "unknown-argument", message, hint, warning=not closed)
    for name in schema.get("required", ()):
        if name not in given:
            about = known[name].get("description") if isinstance(known.get(name), dict) else None
            hint = f"{name}: {about}" if about else ""
            yield Finding(
                path, "missing-argument", f"the {entry.what} '{entry.name}' needs the parameter '{name}'", hint
            )
    constant = {
        name: value
        for name, value in given.items()
        if name in known and not has_expression(value) and not _plainly_fits(known[name], value)
    }
    if constant:
        yield from _check_values(schema, constant, path)


def has_expression(value: Json) -> bool:
    """Whether a text with an expression is somewhere in the value."""
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, Mapping):
        return any(has_expression(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(has_expression(item) for item in value)


def _plainly_fits(schema: Json, value: Json) -> bool:
    """Whether a value fits for sure, seen without the validator: most arguments do."""
    try:
        return plainly_fits(schema, value)
    except (AttributeError, TypeError):
        return False  # the schema's own fault


def _check_values(schema: dict[str, Json], values: Mapping[str, Json], path: Path) -> Iterable[Finding]:
    wanted = {**schema, "required": [], "additionalProperties": True}
    for name, value in values.items():
        try:
            error = worst_error(wanted, {name: value}, BEFORE_THE_RUN)
        except (TooMuchWork, TypeError, ValueError, AttributeError):
            continue  # the schema's own fault; the skill says so when it is called
        if error is not None:
            where = tuple(error.absolute_path)
            yield Finding((*path, *where), "wrong-argument", f"{where[-1]} {_wanted(error)}", _quote(error))


def _wanted(error: Any) -> str:
    shown = canonical(error.instance) if not isinstance(error.instance, str) else f"'{error.instance}'"
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    if error.validator == "type":
        types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return f"must be {' or '.join(WORDS.get(name, name) for name in types)}, not {shown}"
    if error.validator == "enum":
        return f"must be one of {', '.join(str(item) for item in error.validator_value)}, not {shown}"
    return f"is not accepted: {error.message}"


def _quote(error: Any) -> str:
    number = kind_of(error.instance) in ("integer", "number", "boolean")
    wants_text = error.validator == "type" and "string" in error.validator_value
    return "put quotes around it" if number and wants_text else ""
