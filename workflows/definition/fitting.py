"""Whether a value fits a JSON Schema of a workflow file, within bounds that no schema and no value can break out of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from typing import TYPE_CHECKING, Any

from workflows.expressions import Functions
from workflows.expressions.errors import Refusal
from workflows.expressions.work import Work
from workflows.values import Json, canonical, kind_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

BEFORE_THE_RUN = 5_000
IN_A_RUN = 200_000
"""Keywords looked at for one value, each some 5 µs: two references that double each other would take 2^n of them."""

Path = tuple[str | int, ...]


class TooMuchWork(Exception):
    """It would take more work than a check may do, or the schema itself leads nowhere."""


def misfit(schema: Json, value: Json) -> tuple[Path, str] | None:
    """Where and why a constant does not fit; None where it fits, or where that cannot be told in a short time.

    The schema has no flaws (`json_schemas.flaws`).
    """
    try:
        return _misfit(schema, value, BEFORE_THE_RUN)
    except TooMuchWork:
        return None


def why_unfit(schema: Json, value: Json) -> str:
    """Why a value does not fit, as a sentence that says where; empty where it fits, or there is no schema.

    What cannot be told does not fit.
    """
    if schema is None:
        return ""
    try:
        found = _misfit(schema, value, IN_A_RUN)
    except TooMuchWork:
        return "it takes too much work to check it against its schema"
    if found is None:
        return ""
    path, why = found
    return f"{'.'.join(map(str, path))}: {why}" if path else why


def _misfit(schema: Json, value: Json, most: int) -> tuple[Path, str] | None:
    if plainly_fits(schema, value):
        return None
    error = worst_error(schema, value, most)
    return None if error is None else (tuple(error.absolute_path), _said(error))


def worst_error(schema: Json, value: Json, most: int = IN_A_RUN) -> ValidationError | None:
    """What is most wrong with a value, as `jsonschema` says it; None where it fits. Raises TooMuchWork."""
    # Imported here: it takes 100 ms, and few files need it.
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        found: ValidationError | None = best_match(_validator(most)(schema).iter_errors(value))
        return found
    except (RecursionError, ArithmeticError, Unresolvable) as error:
        raise TooMuchWork from error


def plainly_fits(schema: Json, value: Json) -> bool:
    """Whether it fits for sure, seen without the validator: of use where that takes 100 ms to import. Any draft."""
    if schema is True:
        return True
    if not isinstance(schema, dict) or not schema.keys() <= _PLAIN:
        return False
    kind = kind_of(value)
    wanted = schema.get("type", kind)
    kinds = (wanted,) if isinstance(wanted, str) else wanted
    if kind not in kinds and not (kind == "integer" and "number" in kinds):
        return False
    if "enum" in schema and not any(kind_of(word) == kind and word == value for word in schema["enum"]):
        return False
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        return all(name in value for name in schema.get("required", ())) and all(
            plainly_fits(known.get(name, others), item) for name, item in value.items()
        )
    if kind == "array" and "items" in schema:
        return all(plainly_fits(schema["items"], item) for item in value)
    return True


_PLAIN = {"type", "enum", "properties", "required", "additionalProperties", "items"}
_PLAIN |= {"title", "description", "default", "format"}  # these refuse nothing


def _validator(most: int) -> Callable[[Json], Any]:
    """Draft 2020-12 for one check: it fetches nothing, counts what it does, and tries patterns in linear time."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend
    from referencing import Registry

    left = most

    def count(work: int) -> None:
        nonlocal left
        left -= work
        if left < 0:
            raise TooMuchWork

    def finds(pattern: str, text: str) -> bool:
        count(len(text) // 10)
        return _finds(pattern, text)

    def counted(name: str, keyword: Any) -> Any:
        def check(validator: Any, wanted: Json, instance: Json, schema: Json) -> Any:
            size = len(instance) if isinstance(instance, Sized) and not isinstance(instance, str) else 0
            # Each item is compared with each other one, in the worst case.
            count(1 + (size * size // 20 if name == "uniqueItems" else len(wanted) // 20 if name == "enum" else 0))
            return keyword(validator, wanted, instance, schema)

        return check

    def pattern(validator: Any, wanted: str, instance: Json, schema: Json) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not finds(wanted, instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    def pattern_properties(validator: Any, wanted: Json, instance: Json, schema: Json) -> Iterator[ValidationError]:
        for name, inner in wanted.items():
            for key, item in instance.items() if isinstance(instance, dict) else ():
                if finds(name, key):
                    yield from validator.descend(item, inner, path=key, schema_path=name)

    own = {"pattern": pattern, "patternProperties": pattern_properties}
    keywords = {name: counted(name, own.get(name, known)) for name, known in Draft202012Validator.VALIDATORS.items()}
    extended: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]  # theirs
    return lambda schema: extended(schema, registry=Registry())


def _finds(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    flag, rest = ("(?i)", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
    from workflows.expressions.pattern_reader import compile_pattern

    try:
        return compile_pattern(rf"{flag}(?:.|\s)*(?:{rest})").matches(Work(Functions()), text)
    except Refusal as refusal:
        raise TooMuchWork from refusal


def _said(error: Any) -> str:
    shown = canonical(error.instance) if not isinstance(error.instance, str) else f"'{error.instance}'"
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    match error.validator:
        case "type":
            types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
            return f"it must be of the type {' or '.join(types)}, not {shown}"
        case "enum":
            return f"it must be one of {', '.join(str(item) for item in error.validator_value)}, not {shown}"[:300]
        case _:
            return str(error.message)[:200]
