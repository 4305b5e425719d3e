"""JSON Schemas in workflow files: what is wrong with one, and whether a value fits, in bounded time."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from workflows.definition.fitting import misfit, why_unfit
from workflows.definition.json_schemas import TYPES, WORDS, flaws
from workflows.values import Json


def test_every_keyword_of_the_draft_is_known() -> None:
    vocabularies = {key for part in Draft202012Validator.META_SCHEMA["allOf"] for key in [part["$ref"]]}
    assert len(vocabularies) == 7
    assert set(Draft202012Validator.VALIDATORS) <= set(WORDS)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "strng"}, ("type",)),
        ({"type": ["string", "strng"]}, ("type",)),
        ({"type": []}, ("type",)),
        ({"required": "a"}, ("required",)),
        ({"minimum": True}, ("minimum",)),
        ({"minLength": -1}, ("minLength",)),
        ({"multipleOf": 0}, ("multipleOf",)),
        ({"properties": {"a": {"items": [1]}}}, ("properties", "a", "items")),
        ({"properties": {"a": 1}}, ("properties", "a")),
        ({"anyOf": [{}, {"pattern": "("}]}, ("anyOf", 1, "pattern")),
        ({"anyOf": []}, ("anyOf",)),
        ({"pattern": "(?=a)b"}, ("pattern",)),
        ({"patternProperties": {"[": {}}}, ("patternProperties", "[")),
        ({"$ref": "http://example.org/schema"}, ("$ref",)),
        ({"$ref": "#/$defs/a", "$defs": {}}, ("$ref",)),
        ({"$ref": "#/properties", "properties": {}}, ("$ref",)),
        ({"$ref": "#/enum/0", "enum": [{}]}, ("$ref",)),
        ({"propertys": {}}, ("propertys",)),
    ],
)
def test_flaws(schema: Json, path: tuple[str | int, ...]) -> None:
    (found,) = flaws(schema)
    assert found.path == path
    assert found.warning is (path == ("propertys",))


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": list(TYPES)},
        {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": False}},
        {"$ref": "#"},
        {"definitions": {"x": {"items": {"$ref": "#/definitions/x"}}}},
        {"enum": [{"type": "nonsense"}], "const": {"$ref": 1}, "default": {"minimum": "a"}},
        {"x-own": 1},
    ],
)
def test_no_flaws(schema: Json) -> None:
    assert list(flaws(schema)) == []


@pytest.mark.parametrize(
    ("schema", "value", "path"),
    [
        ({"type": "string"}, 1, ()),
        ({"type": "integer"}, True, ()),
        ({"enum": [1]}, True, ()),
        ({"properties": {"a": {"type": "array", "items": {"type": "number"}}}}, {"a": [1, "2"]}, ("a", 1)),
        ({"pattern": "^a+$"}, "aab", ()),
        ({"pattern": "b"}, "aac", ()),
        ({"patternProperties": {"^n": {"type": "number"}}}, {"n1": "x"}, ("n1",)),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 3}}}, 2, ()),
        ({"required": ["a"]}, {}, ()),
    ],
)
def test_misfits(schema: Json, value: Json, path: tuple[str | int, ...]) -> None:
    found = misfit(schema, value)
    assert found is not None
    assert found[0] == path


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "number"}, 1),
        ({"type": ["string", "null"]}, None),
        ({"pattern": "b"}, "line\nab"),
        ({"pattern": "(?i)B"}, "ab"),
    ],
)
def test_fits(schema: Json, value: Json) -> None:
    assert misfit(schema, value) is None


def test_no_schema_keeps_a_check_busy() -> None:
    doubling = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
    assert misfit({"$ref": "#/$defs/d0", "$defs": {**doubling, "d60": False}}, 1) is None
    assert misfit({"$ref": "#"}, 1) is None
    assert misfit({"pattern": "(a+)+$"}, "a" * 200 + "!") is not None
    assert misfit({"pattern": "(a+)+$"}, "a" * 50_000 + "!") is None
    assert misfit({"anyOf": [{"items": {"pattern": "(a|b)*c"}}] * 300}, ["ab" * 20] * 600) is None
    assert misfit({"uniqueItems": True}, [{"a": n} for n in range(5000)]) is None


def test_in_a_run_what_cannot_be_told_does_not_fit() -> None:
    assert why_unfit(None, 1) == ""
    assert why_unfit({"type": "integer"}, 1) == ""
    assert why_unfit({"properties": {"a": {"enum": [1]}}}, {"a": 2}) == "a: it must be one of 1, not 2"
    assert why_unfit({"$ref": "#"}, 1) == "it takes too much work to check it against its schema"
    assert why_unfit({"items": {"type": "object", "required": ["a"]}}, [{"a": n} for n in range(20_000)]) == ""
