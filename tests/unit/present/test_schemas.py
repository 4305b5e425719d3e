"""What a JSON Schema asks for, told in words, and whether the words tell all."""

from __future__ import annotations

import pytest

from app.present.schemas import in_words, says_all, schema_lines
from workflows.values import Json

TEXTS = {"type": "array", "items": {"type": "string"}}
PAIR = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 0}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "a whole number from 1 to 9"),
        ({"type": "number", "minimum": 0}, "a number, 0 at least"),
        ({"type": "string", "maxLength": 5}, "a text, 5 characters at most"),
        ({"enum": ["a", 2, None]}, "one of a, 2, null"),
        ({"type": ["string", "null"]}, "a text or null"),
        ({**TEXTS, "minItems": 2}, "a list of texts, 2 items at least"),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, "a list whose items are each one of x, y"),
        (
            PAIR,
            "an object with name (a text, 1 character at least), count (a whole number, 0 at least; may be left out)",
        ),
    ],
)
def test_what_fits_is_said_in_words(schema: Json, words: str) -> None:
    assert in_words(schema) == words
    assert says_all(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "string"}]},
        {"type": "integer", "multipleOf": 2},
        {**PAIR, "minProperties": 1},
        {"type": "array", "items": {"type": "string", "format": "date"}},
        {"type": "object", "properties": {"a": {"properties": {}}}},
        False,
    ],
)
def test_it_is_known_where_words_do_not_say_all(schema: Json) -> None:
    assert not says_all(schema)


def test_words_of_a_file_cannot_act_on_a_terminal() -> None:
    schema = {"type": "object", "properties": {"a\x1b[2J\nb": {"enum": ["\x1b]0;x\x07y"]}}}
    assert "\x1b" not in in_words(schema)
    assert "\x1b" not in "".join(schema_lines(schema))


def test_each_property_has_a_line() -> None:
    groups = {"type": "array", "description": "By cause", "items": {**PAIR, "description": "One"}}
    schema = {"type": "object", "properties": {"groups": groups, "kind": {"enum": ["x", "y"]}}, "required": ["groups"]}
    assert list(schema_lines(schema)) == [
        "groups (a list of objects; required)  By cause",
        "  name (a text, 1 character at least; required)",
        "  count (a whole number, 0 at least; may be left out)",
        "kind (one of x, y; may be left out)",
    ]
