"""JSON Schemas that a workflow file holds: what is wrong with them, said without a validator.

The keywords are those of draft 2020-12 (json-schema.org), and those of draft-07 that mean the same there. A
validator's own check of a schema says the same error many times over, in words of its own, and takes a tenth of a
second to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from workflows.diagnostics import suggest
from workflows.expressions.errors import Refusal
from workflows.expressions.pattern_reader import compile_pattern
from workflows.records import dataclass
from workflows.values import Json, canonical, kind_of

Path = tuple[str | int, ...]

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
HOLDS: Mapping[str, str] = {
    "a schema": """additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems
        unevaluatedProperties""",
    "a list of schemas": "allOf anyOf oneOf prefixItems",
    "a mapping of names to schemas": "$defs definitions dependentSchemas patternProperties properties",
    "a whole number from 0": """maxContains maxItems maxLength maxProperties minContains minItems minLength
        minProperties""",
    "a number": "exclusiveMaximum exclusiveMinimum maximum minimum",
    "a number above 0": "multipleOf",
    "true or false": "deprecated readOnly uniqueItems writeOnly",
    "a text": """$anchor $comment $dynamicAnchor $dynamicRef $id $ref $schema contentEncoding contentMediaType
        description format pattern title""",
    "a list of names": "required",
    "a mapping": "$vocabulary dependencies dependentRequired",
    "a list": "enum examples",
    f"one of {', '.join(TYPES)}, or a list of them": "type",
    "a value": "const contentSchema default",
}
"""The keywords by what they hold, for "must be …"."""

WORDS: Mapping[str, str] = {keyword: wanted for wanted, keywords in HOLDS.items() for keyword in keywords.split()}


class Flaw(NamedTuple):
    """Something wrong with a schema. `path` leads from the schema to it; a warning is a keyword that has no effect."""

    path: Path
    message: str
    hint: str = ""
    warning: bool = False


def flaws(schema: Json) -> Iterator[Flaw]:
    """What is wrong with a schema. Never raises, whatever the value is."""
    walk = _Walk(set(), {})
    yield from walk.schema(schema, ())
    for place, reference in walk.references.items():
        if reference != "#" and not reference.startswith("#/"):
            hint = "such as '#/$defs/name': nothing is fetched"
            yield Flaw(place, f"$ref must lead into this schema, not to {_shown(reference)}", hint)
        elif reference not in walk.schemas:
            hint = suggest(reference, walk.schemas)
            yield Flaw(place, f"$ref leads nowhere: there is no schema at {_shown(reference)}", hint)


@dataclass(frozen=True)
class _Walk:
    """Through all schemas inside a schema: by how references name them, and the references by where they stand."""

    schemas: set[str]
    references: dict[Path, str]

    def schema(self, value: Json, path: Path) -> Iterator[Flaw]:
        self.schemas.add("/".join(("#", *(str(part).replace("~", "~0").replace("/", "~1") for part in path))))
        if isinstance(value, bool):
            return
        if not isinstance(value, Mapping):
            yield Flaw(path, f"a JSON Schema is a mapping, not {_shown(value)}")
            return
        for key, inner in value.items():
            wanted = WORDS.get(key)
            if wanted is None:
                if hint := suggest(key, WORDS):
                    message = f"'{key}' has no effect: JSON Schema has no such keyword"
                    yield Flaw((*path, key), message, hint, warning=True)
            elif not _fits(wanted, inner):
                yield Flaw((*path, key), f"{key} must be {wanted}, not {_shown(inner)}", _hint(key, inner))
            else:
                yield from self._keyword(key, inner, (*path, key), wanted)

    def _keyword(self, key: str, inner: Json, path: Path, wanted: str) -> Iterator[Flaw]:
        if key == "$ref":
            self.references[path] = unquote(inner)
        elif key == "pattern":
            yield from _pattern(inner, path)
        elif wanted == "a schema":
            yield from self.schema(inner, path)
        elif wanted == "a list of schemas":
            for index, item in enumerate(inner):
                yield from self.schema(item, (*path, index))
        elif wanted == "a mapping of names to schemas":
            for name, item in inner.items():
                if key == "patternProperties":
                    yield from _pattern(name, (*path, name))
                yield from self.schema(item, (*path, name))


def _hint(key: str, value: Json) -> str:
    if key == "type" and isinstance(value, str):
        return suggest(value, TYPES)
    return "a list of schemas is called prefixItems" if key == "items" and isinstance(value, list) else ""


def _fits(wanted: str, value: Json) -> bool:
    kind = kind_of(value)
    match wanted:
        case "a schema":
            return kind in ("object", "boolean")
        case "a list of schemas":
            return kind == "array" and len(value) > 0
        case "a whole number from 0":
            return kind == "integer" and value >= 0
        case "a number" | "a number above 0":
            return kind in ("integer", "number") and (wanted == "a number" or value > 0)
        case "true or false":
            return kind == "boolean"
        case "a text":
            return kind == "string"
        case "a list of names":
            return kind == "array" and all(isinstance(item, str) for item in value)
        case "a list":
            return kind == "array"
        case "a mapping" | "a mapping of names to schemas":
            return kind == "object"
        case "a value":
            return True
        case _:
            names = value if kind == "array" else [value]
            return len(names) > 0 and all(isinstance(name, str) and name in TYPES for name in names)


def _pattern(pattern: str, path: Path) -> Iterator[Flaw]:
    """A pattern is one that `regex_match` understands, which takes no time that grows with more than the text."""
    try:
        compile_pattern(pattern)
    except Refusal as refusal:
        yield Flaw(path, f"the pattern cannot be used: {refusal.message}", refusal.hint)


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (Mapping, list)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = f"'{value}'" if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:59] + "…"
