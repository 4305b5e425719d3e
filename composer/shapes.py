"""What an output looks like, as far as anybody says it: from a skill's `returns`, from a JSON Schema, from a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field

from workflows.records import dataclass
from workflows.values import Json

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[{}\[\]:,]")


@dataclass(frozen=True)
class Shape:
    """`fields` are those of an object, None where any may be there; `item` is what a list holds, None for no list.

    `like` is a value to stand in for one that nobody has yet.
    """

    fields: Mapping[str, Shape] | None = None
    item: Shape | None = None
    like: Json = field(default="example")

    @property
    def open(self) -> bool:
        """Whether nothing is known of it."""
        return self.fields is None and self.item is None


ANYTHING = Shape()

ANSWER = Shape(
    {
        "text": Shape(like="An example."),
        "model": ANYTHING,
        "agent": ANYTHING,
        "simulated": Shape(like=True),
        "data": ANYTHING,
    }
)
"""What an agent gives; `data` where it has a schema."""

RESPONSE = Shape({"status": Shape(like=200), "headers": ANYTHING, "body": ANYTHING, "url": ANYTHING, "note": ANYTHING})
"""What a request over HTTP gives."""

APPROVED = Shape({"approved": Shape(like=True), "by": ANYTHING, "note": ANYTHING})


def shape_of_returns(text: str) -> Shape:
    """The shape that a skill's `returns` begins with, such as `{path, entries: [{name, type}], bytes}`. More follows.

    A plain word behind a key, as in `{level: count}`, says that the keys are anybody's.
    """
    whole = _first(text) if text.startswith(("{", "[")) else ""
    if not whole or "..." in whole or "…" in whole:
        return ANYTHING
    tokens = _TOKEN.findall(whole)
    shape, _ = _read(tokens, 0)
    return shape


def _first(text: str) -> str:
    """The text up to where its first bracket is closed."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "{[") - (character in "}]")
        if depth == 0:
            return text[: at + 1]
    return ""


def _read(tokens: Sequence[str], at: int) -> tuple[Shape, int]:
    if at >= len(tokens):
        return ANYTHING, at
    if tokens[at] == "[":
        item, at = _read(tokens, at + 1)
        while at < len(tokens) and tokens[at] != "]":
            _, at = _read(tokens, at + 1)
        return Shape(item=item), at + 1
    if tokens[at] != "{":
        return ANYTHING, at + 1
    return _fields(tokens, at + 1)


def _fields(tokens: Sequence[str], at: int) -> tuple[Shape, int]:
    found: dict[str, Shape] = {}
    anybodys = False
    while at < len(tokens) and tokens[at] != "}":
        name = tokens[at]
        at += 1
        if at < len(tokens) and tokens[at] == ":":
            anybodys |= at + 1 < len(tokens) and tokens[at + 1] not in "{["
            found[name], at = _read(tokens, at + 1)
        elif name not in ",]:":
            found[name] = ANYTHING
        if at < len(tokens) and tokens[at] == ",":
            at += 1
    return (ANYTHING if anybodys or not found else Shape(found)), at + 1


def shape_of_schema(schema: Json) -> Shape:
    """The shape that a JSON Schema demands. Only what it names for certain counts as known."""
    if not isinstance(schema, Mapping):
        return ANYTHING
    for key in ("default", "const"):
        if schema.get(key) is not None:
            return Shape(like=schema[key])
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return Shape(like=schema["enum"][0])
    kinds = schema.get("type")
    kind = next((each for each in kinds if each != "null"), None) if isinstance(kinds, list) else kinds
    properties = schema.get("properties")
    if kind == "object" and isinstance(properties, Mapping) and properties:
        shapes = {str(name): shape_of_schema(value) for name, value in properties.items()}
        if schema.get("additionalProperties", True) is not False:
            return Shape(like=example(Shape(shapes)))
        return Shape(shapes)
    if kind == "array":
        return Shape(item=shape_of_schema(schema.get("items")))
    likes: Mapping[str, Json] = {"integer": 1, "number": 1, "boolean": True, "object": {}}
    return Shape(like=likes.get(str(kind), "example"))


def example(shape: Shape) -> Json:
    """A value of this shape."""
    if shape.fields is not None:
        return {name: example(value) for name, value in shape.fields.items()}
    if shape.item is not None:
        return [example(shape.item)]
    return shape.like


@dataclass(frozen=True)
class Missing:
    """A key that the output has not, at which place of the path, and those that it has there."""

    key: str
    at: int
    known: tuple[str, ...]


def missing(shape: Shape, path: Sequence[str | int]) -> Missing | None:
    """What of a path into an output is not there; None where it is, or where nobody knows."""
    for at, key in enumerate(path):
        if shape.open:
            return None
        if isinstance(key, int):
            if shape.item is None:
                return None  # a number is no field; the expression's own check says more
            shape = shape.item
        elif shape.fields is None:
            return Missing(key, at, ())
        elif key not in shape.fields:
            return Missing(key, at, tuple(shape.fields))
        else:
            shape = shape.fields[key]
    return None
