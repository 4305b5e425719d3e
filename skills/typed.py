"""A text of a command line as the value that a JSON Schema asks for."""

from __future__ import annotations

from workflows.source import Scalar, read, value_of
from workflows.values import Json, kind_of


def typed(rule: Json, text: str) -> Json:
    """The text itself where that fits the schema's type, else what it says in YAML: `3`, `true`, `[a, b]`, `{a: 1}`.

    A text with commas is a list where a list is wanted. What cannot be read stays a text, for the check to refuse.
    """
    wanted = _types(rule)
    if "string" in wanted or (not wanted and not text.strip().startswith(("[", "{"))):
        return None if text == "null" and "null" in wanted else text
    document = read(text, "")
    value: Json = text if document.root is None else value_of(document.root, lambda *_, **__: None)
    if kind_of(value) in wanted or (kind_of(value) == "integer" and "number" in wanted):
        return value
    if "array" in wanted and (document.root is None or isinstance(document.root, Scalar)):
        inner = rule.get("items", {})
        return [typed(inner, part.strip()) for part in text.split(",") if part.strip()]
    return value


def _types(rule: Json) -> set[str]:
    if "enum" in rule:
        return {kind_of(word) for word in rule["enum"]}
    if "anyOf" in rule:
        return {word for member in rule["anyOf"] for word in _types(member)}
    said = rule.get("type", ())
    return {said} if isinstance(said, str) else set(said)
