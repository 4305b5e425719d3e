"""Checking what a skill is called with: known names, the right types, paths beneath the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skills.declare import Context
from skills.manifest import Skill
from skills.paths import check_open, resolve
from skills.schema import path_parameters
from workflows.definition.fitting import TooMuchWork, plainly_fits, worst_error
from workflows.errors import CallFailed, fail
from workflows.values import Json, kind_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_SHOWN_VALUE = 80


def plainly_fit(skill: Skill, arguments: Json) -> bool:
    """Whether the arguments fit the skill's schema for sure, seen without importing the validator."""
    return isinstance(arguments, Mapping) and plainly_fits(skill.parameters, arguments)


def check(skill: Skill, arguments: Json) -> None:
    """Raise CallFailed (`validation`), naming the parameter, where the arguments do not fit the skill's schema."""
    schema = skill.parameters
    if not isinstance(arguments, Mapping):
        raise fail("validation", f"{skill.name} takes an object of parameters, not {_a(kind_of(arguments))}")
    known = schema.get("properties", {})
    if schema.get("additionalProperties") is False:
        for name in arguments:
            if name not in known:
                raise _unknown(skill, name, list(known))
    missing = [name for name in schema.get("required", ()) if name not in arguments]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise fail("validation", f"{skill.name} needs {names}", _usage(known))

    try:
        # Bounded: a schema may be somebody else's, and two references that double each other take 2^n of all.
        error = worst_error(schema, arguments)
    except (TooMuchWork, TypeError, ValueError, AttributeError):
        message = f"what {skill.name} is called with cannot be checked: its schema is wrong, or takes too much work"
        raise fail("validation", message) from None
    if error is not None:
        raise fail("validation", f"{skill.name}: {_explain(error)}", _usage(known))


def settle_paths(skill: Skill, arguments: Mapping[str, Json], context: Context) -> dict[str, Json]:
    """The arguments with every path made absolute. Raises PathRefused for one that the path rule forbids."""
    settled = dict(arguments)
    for name in path_parameters(skill.parameters) & settled.keys():
        value = settled[name]
        if isinstance(value, str):
            settled[name] = _settled(value, context)
        elif isinstance(value, list):
            settled[name] = [_settled(item, context) for item in value]
    return settled


def _settled(given: str, context: Context) -> str:
    path = resolve(context.root, given, cwd=context.cwd)
    check_open(path, context.closed)
    return str(path)


def _unknown(skill: Skill, name: str, known: list[str]) -> CallFailed:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = f"did you mean '{close[0]}'?" if close else _usage(known)
    return fail("validation", f"{skill.name} has no parameter '{name}'", hint)


def _usage(known: Mapping[str, Json] | list[str]) -> str:
    return f"its parameters are {', '.join(known)}" if known else "it takes no parameters"


def _explain(error: ValidationError) -> str:
    where = ""
    for part in error.absolute_path:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else str(part)
    value = repr(error.instance)
    shown = value if len(value) <= _SHOWN_VALUE else value[:_SHOWN_VALUE] + "…"
    wanted: Any = error.validator_value
    if error.validator == "type":
        words = " or ".join(_a(word) for word in ([wanted] if isinstance(wanted, str) else wanted))
        return f"'{where}' must be {words}, not {_a(kind_of(error.instance))} ({shown})"
    if error.validator == "enum":
        return f"'{where}' must be one of {', '.join(map(str, wanted))}, not {shown}"
    return f"'{where}': {error.message[:200]}"


def _a(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
