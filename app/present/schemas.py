"""What a JSON Schema asks for, in words. What words do not say is left to the schema itself: `says_all` tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.present.figures import plural
from workflows.text import one_line
from workflows.values import Json, canonical

DEEPEST = 3
"""How deep objects and lists are told."""

_KINDS: Mapping[str, tuple[str, str]] = {
    "string": ("a text", "texts"),
    "integer": ("a whole number", "whole numbers"),
    "number": ("a number", "numbers"),
    "boolean": ("true or false", ""),
    "null": ("null", ""),
    "array": ("a list", "lists"),
    "object": ("an object", "objects"),
}
"""What each type is called, and many of it, where that is a word."""

_TOLD = {
    "": {"type", "enum", "title", "description", "examples", "default", "$schema"},
    "string": {"minLength", "maxLength", "pattern"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
}
"""The keywords that words say, by the type they belong to."""


def in_words(schema: Json, depth: int = 0) -> str:
    """What fits, such as `a list of texts, 2 at least`; cleaned, on one line. `anything` where nothing is asked for."""
    if not isinstance(schema, dict) or not schema:
        return "anything"
    if isinstance(schema.get("enum"), list):
        return "one of " + ", ".join(one_line(_shown(each), 60) for each in schema["enum"][:20])
    kinds = _kinds(schema)
    if not kinds:
        return "anything"
    return " or ".join(_KINDS[kind][0] + _limits(kind, schema, depth) for kind in kinds)


def says_all(schema: Json, depth: int = 0) -> bool:
    """Whether `in_words` tells all that the schema asks for."""
    if not isinstance(schema, dict):
        return schema is None or schema is True
    kinds = _kinds(schema)
    told = _TOLD[""].union(*(_TOLD.get(kind, set()) for kind in kinds))
    if not set(schema) <= told or (schema and not kinds and "enum" not in schema):
        return False
    if "enum" in schema:
        return len(schema["enum"]) <= 20
    inner = [schema[key] for key in ("items",) if key in schema] + list(schema.get("properties", {}).values())
    return not inner or (depth < DEEPEST and all(says_all(each, depth + 1) for each in inner))


def schema_lines(schema: Json, depth: int = 0) -> Iterator[str]:
    """The same in lines: one for each property of an object, those within below it."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict) or depth >= DEEPEST:
        yield in_words(schema, DEEPEST)
        return
    required = schema.get("required") or ()
    for name, rule in schema["properties"].items():
        about = one_line(rule.get("description", ""), 200) if isinstance(rule, dict) else ""
        must = "required" if name in required else "may be left out"
        yield f"{one_line(name, 60)} ({in_words(rule, DEEPEST)}; {must})  {about}".rstrip()
        held = rule.get("items", rule) if isinstance(rule, dict) else None
        if isinstance(held, dict) and held.get("properties"):
            yield from (f"  {line}" for line in schema_lines(held, depth + 1))


def _kinds(schema: Mapping[str, Json]) -> list[str]:
    kind = schema.get("type")
    return [each for each in (kind if isinstance(kind, list) else [kind]) if isinstance(each, str) and each in _KINDS]


def _limits(kind: str, schema: Mapping[str, Json], depth: int) -> str:
    match kind:
        case "integer" | "number":
            return _range(schema, "minimum", "maximum", "")
        case "string":
            like = f", like {one_line(str(schema['pattern']), 80)}" if "pattern" in schema else ""
            return _range(schema, "minLength", "maxLength", "character") + like
        case "array":
            return _of(schema.get("items"), depth) + _range(schema, "minItems", "maxItems", "item")
        case "object" if isinstance(schema.get("properties"), dict) and schema["properties"] and depth < DEEPEST:
            required = schema.get("required") or ()
            parts = (
                f"{one_line(name, 60)} ({in_words(rule, depth + 1)}{'' if name in required else '; may be left out'})"
                for name, rule in schema["properties"].items()
            )
            return f" with {', '.join(parts)}" + (" and no more" if schema.get("additionalProperties") is False else "")
    return ""


def _of(items: Json, depth: int) -> str:
    """What a list holds."""
    if not isinstance(items, dict) or not items:
        return ""
    kinds = _kinds(items)
    plain = len(kinds) == 1 and "enum" not in items and not _limits(kinds[0], items, depth + 1)
    if plain and (many := _KINDS[kinds[0]][1]):
        return f" of {many}"
    return f" whose items are each {in_words(items, depth + 1)}" if depth < DEEPEST else ""


def _range(schema: Mapping[str, Json], least: str, most: str, unit: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f" of {low} to {_counted(high, unit)}" if unit else f" from {low} to {high}"
    if low is not None:
        return f", {_counted(low, unit)} at least"
    return f", {_counted(high, unit)} at most" if high is not None else ""


def _counted(number: Json, unit: str) -> str:
    return plural(number, unit) if unit else str(number)


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
