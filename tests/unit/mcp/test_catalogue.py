"""Names, effects and schemas of tools, as pure functions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.mcp.catalogue import LONGEST_NAME, clean_schema, effect_of, skill_name
from skills.mcp.config import key_of
from skills.mcp.groups import spread
from skills.mcp.variables import expand, malformed, missing, names
from workflows.values import Json


@given(st.text(max_size=100), st.text(max_size=100))
def test_every_name_is_one_that_models_take(server: str, tool: str) -> None:
    name = skill_name(key_of(server), tool)
    assert re.fullmatch(r"mcp__[A-Za-z0-9_-]+__[A-Za-z0-9_-]*", name)
    assert len(name) <= LONGEST_NAME
    assert "__" not in key_of(server)


@given(st.text(min_size=1, max_size=60))
def test_names_that_are_cut_stay_apart(tool: str) -> None:
    assert skill_name("server", "x" * 70 + tool) != skill_name("server", "x" * 70 + tool + "y")


@pytest.mark.parametrize(
    ("annotations", "believed"),
    [
        (None, "unsafe"),
        ({"readOnlyHint": True}, "pure"),
        ({"idempotentHint": True}, "idempotent"),
        ({"readOnlyHint": "yes"}, "unsafe"),
        ({"destructiveHint": False}, "unsafe"),
    ],
)
def test_hints_count_only_where_they_are_believed(annotations: Json, believed: str) -> None:
    assert effect_of(annotations, hints=False)[0] == "unsafe"
    assert effect_of(annotations, hints=True)[0] == believed


def test_a_closed_world_is_believed_too() -> None:
    assert "network" in effect_of({"openWorldHint": False}, hints=False)[1]
    assert effect_of({"openWorldHint": False, "readOnlyHint": True}, hints=True)[1] == {"reads"}


def test_a_schema_keeps_what_is_checked_and_loses_what_could_harm() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "format": {"type": "string", "format": "path", "pattern": "^(a+)+$", "description": "say\x1b[2J it"},
            "ref": {"$ref": "#/$defs/thing"},
            "any": True,
            "none": False,
            "one": {"enum": ["a", 1, None], "default": "a"},
        },
        "$defs": {"thing": {"type": "array", "items": {"type": "integer"}}},
        "patternProperties": {"^x-": {"type": "string"}},
        "additionalProperties": False,
        "required": ["format"],
    }
    assert clean_schema(schema) == {
        "type": "object",
        "properties": {
            "format": {"type": "string", "description": "say\ufffd it"},
            "ref": {"$ref": "#/$defs/thing"},
            "any": {},
            "none": {"not": {}},
            "one": {"enum": ["a", 1, None], "default": "a"},
        },
        "$defs": {"thing": {"type": "array", "items": {"type": "integer"}}},
        "required": ["format"],
    }


@pytest.mark.parametrize(
    "schema", [5, {"type": "string"}, {"properties": {"a": {"$ref": "other.json"}}}, {"properties": 5}]
)
def test_a_schema_that_cannot_be_used_says_why(schema: Json) -> None:
    assert isinstance(clean_schema(schema), str)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(json_data | st.fixed_dictionaries({"type": st.just("object"), "properties": json_data, "anyOf": json_data}))
def test_no_schema_makes_us_fall(schema: Json) -> None:
    cleaned = clean_schema(schema)
    assert isinstance(cleaned, str) or isinstance(cleaned["properties"], dict)


def test_the_name_of_a_server_stands_for_its_tools() -> None:
    skills = ["mcp__time__now", "mcp__time__later", "mcp__timer__go", "file.read"]
    assert spread(["mcp__time", "file.read"], skills) == ("mcp__time__later", "mcp__time__now", "file.read")
    assert spread(["mcp__time__now", "mcp__time__*"], skills) == ("mcp__time__now", "mcp__time__later")
    assert spread(["mcp__gone", "mcp__gone__x", "mcp__"], skills) == ("mcp__gone", "mcp__gone__x", "mcp__")


def test_variables_are_put_in() -> None:
    environ = {"A": "1", "EMPTY": ""}
    text = "${A}-${EMPTY:-none}-${GONE:-}-${A}"
    assert expand(text, environ) == "1-none--1"
    assert list(names(text)) == ["A", "EMPTY", "GONE", "A"]
    assert list(missing("${A}${GONE}${EMPTY}${GONE:-x}", environ)) == ["GONE", "EMPTY"]
    assert malformed("${A} $B ${1X}") == "${1X}"
