"""From a function's hints and docstring to the JSON Schema of its arguments, and from checked arguments to values."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from workflows.records import dataclass
from workflows.values import Json, plain

REQUIRED = object()
"""The default of a parameter that has none."""

SIMPLE: dict[object, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    None: "null",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a skill function: its hint is a type, never text."""

    name: str
    hint: object
    default: object = REQUIRED


class UnknownHint(TypeError):
    """A type hint that has no JSON Schema here."""


def schema_of(hint: object) -> dict[str, Json]:
    """The JSON Schema of one type hint. A `Path` is a string of the format `path`. Raises UnknownHint."""
    if hint is Any:
        return {}
    if hint is Path:
        return {"type": "string", "format": "path"}
    if hint in SIMPLE:
        return {"type": SIMPLE[hint]}
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0])}
    if origin is dict and inner[0] is str:
        return {"type": "object", "additionalProperties": schema_of(inner[1])}
    if origin in (Union, types.UnionType):
        return _either([schema_of(member) for member in inner])
    name = getattr(hint, "__name__", None) or str(hint)
    raise UnknownHint(f"{name} is not a type that arguments can have")


def _either(members: list[dict[str, Json]]) -> dict[str, Json]:
    """`str | None` as one list of types where that says it all, as `anyOf` where not."""
    if all(list(member) == ["type"] for member in members):
        return {"type": [member["type"] for member in members]}
    *others, last = members
    if len(others) == 1 and last == {"type": "null"} and isinstance(others[0].get("type"), str):
        return {**others[0], "type": [others[0]["type"], "null"]}
    return {"anyOf": members}


def parameters_schema(parameters: Sequence[Parameter], notes: Mapping[str, str]) -> dict[str, Json]:
    """The draft-07 schema of all arguments. `notes` are the descriptions by parameter. Raises UnknownHint."""
    properties: dict[str, Json] = {}
    for parameter in parameters:
        try:
            schema = schema_of(parameter.hint)
        except UnknownHint as error:
            raise UnknownHint(f"parameter '{parameter.name}': {error}") from None
        if note := notes.get(parameter.name):
            schema["description"] = note
        if parameter.default is not REQUIRED:
            try:
                schema["default"] = plain(parameter.default)
            except (TypeError, ValueError) as error:
                raise UnknownHint(f"the default of '{parameter.name}': {error}") from None
        properties[parameter.name] = schema
    return {
        "type": "object",
        "properties": properties,
        "required": [parameter.name for parameter in parameters if parameter.default is REQUIRED],
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class Notes:
    """A docstring taken apart: what the skill does, what each parameter is, what comes back."""

    description: str = ""
    parameters: Mapping[str, str] | None = None
    returns: str = ""


_HEADING = re.compile(r"^(Args|Returns): *(.*)$")
_ENTRY = re.compile(r"^ {1,4}(\w+): +(.+)$")


def read_docstring(text: str | None) -> Notes:
    """Sections `Args:` (lines `    name: text`) and `Returns: text`; everything before them is the description."""
    if not text:
        return Notes()
    parts: dict[str, list[str]] = {"": [], "Args": [], "Returns": []}
    section = ""
    for line in _dedent(text):
        if heading := _HEADING.match(line):
            section = heading[1]
            parts[section].append(heading[2])
        else:
            parts[section].append(line)
    parameters: dict[str, str] = {}
    name = ""
    for line in parts["Args"]:
        if entry := _ENTRY.match(line):
            name = entry[1]
            parameters[name] = entry[2].strip()
        elif name and line.strip():
            parameters[name] += " " + line.strip()
    paragraphs = "\n".join(parts[""]).strip().split("\n\n")
    description = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return Notes(description, parameters, " ".join(" ".join(parts["Returns"]).split()))


def _dedent(text: str) -> list[str]:
    """What `inspect.cleandoc` does, without importing it: the first line stands alone, the rest share an indent."""
    first, *rest = text.expandtabs().splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return [first.strip(), *(line[indent:].rstrip() for line in rest)]


def path_parameters(schema: Json) -> frozenset[str]:
    """The names of the parameters that hold a path, or a list of paths."""
    properties = schema.get("properties", {})
    return frozenset(
        name
        for name, rule in properties.items()
        if isinstance(rule, Mapping) and (_is_path(rule) or _is_path(rule.get("items")))
    )


def _is_path(rule: Json) -> bool:
    return isinstance(rule, dict) and rule.get("format") == "path"


def fit(schema: Json, arguments: Mapping[str, Json]) -> dict[str, Any]:
    """Checked arguments as the function wants them: a `Path` for a path, an int for 5.0 where the hint is int."""
    rules = schema["properties"]
    return {name: _fit(rules.get(name, {}), value) for name, value in arguments.items()}


def _fit(rule: Json, value: Json) -> Any:
    if isinstance(value, str) and _is_path(rule):
        return Path(value)
    if isinstance(value, float) and value.is_integer() and rule.get("type") in ("integer", ["integer", "null"]):
        return int(value)
    if isinstance(value, list) and isinstance(rule.get("items"), Mapping):
        return [_fit(rule["items"], item) for item in value]
    return value
