"""Whether a value fits a JSON Schema of a workflow file, within bounds that no schema can break out of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from workflows.expressions import Functions
from workflows.expressions.errors import Refusal
from workflows.expressions.pattern_reader import compile_pattern
from workflows.expressions.work import Work
from workflows.values import Json, canonical, kind_of

MOST_REFERENCES = 1_000
"""References followed for one value: two that double each other would take 2^n steps."""


class _TooMuch(Exception):
    """The schema asks for more work than a check may do."""


def misfit(schema: Json, value: Json) -> tuple[tuple[str | int, ...], str] | None:
    """Where and why a value does not fit; None where it fits, or where it cannot be told in a short time.

    The schema has no flaws (`json_schemas.flaws`). Patterns that `regex_match` understands are tried as it tries them,
    in linear time; others are taken to match, and so is what `unevaluated…` says.
    """
    if _plainly_fits(schema, value):
        return None
    from jsonschema.exceptions import best_match

    try:
        error = best_match(_validator()(schema).iter_errors(value))
    except (_TooMuch, RecursionError, ArithmeticError):
        return None
    if error is None:
        return None
    return tuple(error.absolute_path), _said(error)


def why_unfit(schema: Json, value: Json) -> str:
    """Why a value does not fit, as a sentence that says where; empty where it fits, or there is no schema."""
    if schema is None or (found := misfit(schema, value)) is None:
        return ""
    path, why = found
    return f"{'.'.join(map(str, path))}: {why}" if path else why


def _plainly_fits(schema: Json, value: Json) -> bool:
    """Whether it fits for sure, seen without the validator, whose import takes a tenth of a second."""
    if schema is True:
        return True
    if not isinstance(schema, dict) or not schema.keys() <= {"type", "enum", "description", "title"}:
        return False
    kind = kind_of(value)
    if "type" in schema and schema["type"] != kind and not (schema["type"] == "number" and kind == "integer"):
        return False
    return "enum" not in schema or any(kind_of(word) == kind and word == value for word in schema["enum"])


@cache
def _validator() -> Callable[[Json], Any]:
    """Draft 2020-12 that fetches nothing, counts references, and tries patterns in linear time."""
    # Imported here: it takes 100 ms, and few files need it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend
    from referencing import Registry

    follow: Any = Draft202012Validator.VALIDATORS["$ref"]

    def nothing(validator: Any, wanted: Json, instance: Json, schema: Json) -> Iterator[ValidationError]:
        return iter(())

    def pattern(validator: Any, wanted: str, instance: Json, schema: Json) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not _finds(wanted, instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    def pattern_properties(validator: Any, wanted: Json, instance: Json, schema: Json) -> Iterator[ValidationError]:
        for name, inner in wanted.items():
            for key, item in instance.items() if isinstance(instance, dict) else ():
                if _finds(name, key):
                    yield from validator.descend(item, inner, path=key, schema_path=name)

    def made(schema: Json) -> Any:
        followed = 0

        def reference(validator: Any, wanted: str, instance: Json, schema: Json) -> Any:
            nonlocal followed
            followed += 1
            if followed > MOST_REFERENCES:
                raise _TooMuch
            return follow(validator, wanted, instance, schema)

        keywords = {"$ref": reference, "pattern": pattern, "patternProperties": pattern_properties}
        left_out = dict.fromkeys(("$dynamicRef", "unevaluatedItems", "unevaluatedProperties"), nothing)
        extended: Any = extend(Draft202012Validator, {**keywords, **left_out})  # type: ignore[no-untyped-call]  # theirs
        return extended(schema, registry=Registry())

    return made


def _finds(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    try:
        flag, rest = ("(?i)", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
        return compile_pattern(rf"{flag}(?:.|\s)*(?:{rest})").matches(Work(Functions()), text)
    except Refusal:
        return True


def _said(error: Any) -> str:
    shown = canonical(error.instance) if not isinstance(error.instance, str) else f"'{error.instance}'"
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    match error.validator:
        case "type":
            types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
            return f"it must be of the type {' or '.join(types)}, not {shown}"
        case "enum":
            return f"it must be one of {', '.join(str(item) for item in error.validator_value)}, not {shown}"
        case _:
            return str(error.message)[:200]
