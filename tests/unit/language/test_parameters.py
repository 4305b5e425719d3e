"""What a run is given: typed as declared, every error at once."""

from __future__ import annotations

import pytest

from workflows.definition.parameters import Parameter, bind
from workflows.errors import UnderstudyError
from workflows.parts import part_of
from workflows.values import Json


def declared(**fields: Json) -> Parameter:
    return part_of(Parameter, {"name": "p", **fields})


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", "1.10", "1.10"),
        ("string", "", ""),
        ("string", "null", "null"),
        ("path", "./a b", "./a b"),
        ("integer", "3", 3),
        ("integer", " 3 ", 3),
        ("number", "3", 3),
        ("number", "2.5", 2.5),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("array", "[1, two]", [1, "two"]),
        ("array", "unit,integration", ["unit", "integration"]),
        ("array", '["a"]', ["a"]),
        ("object", "{a: 1, b: [x]}", {"a": 1, "b": ["x"]}),
    ],
)
def test_texts_of_a_command_line(type_: str, text: str, value: Json) -> None:
    found = bind([declared(type=type_)], {"p": text})["p"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("type_", "given", "message"),
    [
        ("integer", "three", "p must be a whole number, not 'three'"),
        ("integer", "2.5", "p must be a whole number, not '2.5'"),
        ("integer", True, "p must be a whole number, not true"),
        ("number", ".nan", "p must be a number, not '.nan'"),
        ("boolean", "yes", "p must be true or false, not 'yes'"),
        ("boolean", 1, "p must be true or false, not 1"),
        ("string", 1, "p must be a text, not 1"),
        ("path", " ", "p must be a path, not ' '"),
        ("array", {"a": 1}, 'p must be a list, not {"a":1}'),
        ("object", "[1]", "p must be a mapping, not a list"),
        ("object", "{a: 1", "p: this bracket is never closed"),
        ("object", "{a: *x}", "p: references such as '*x' are not read"),
    ],
)
def test_values_that_do_not_fit(type_: str, given: Json, message: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        bind([declared(type=type_)], {"p": given})
    assert message in caught.value.message


def test_items_are_typed_too() -> None:
    parameter = declared(type="array", items="string")
    assert bind([parameter], {"p": "1,2"}) == {"p": ["1", "2"]}
    with pytest.raises(UnderstudyError, match="p must be a list"):
        bind([parameter], {"p": [1]})


def test_defaults_and_what_is_not_given() -> None:
    parameters = [declared(name="a", default="x"), declared(name="b")]
    assert bind(parameters, {}) == {"a": "x", "b": None}


def test_every_error_at_once() -> None:
    parameters = [
        declared(name="environment", required=True, enum=("staging", "production"), description="Where to"),
        declared(name="count", type="integer"),
        declared(name="mode", enum=("fast", "slow")),
    ]
    with pytest.raises(UnderstudyError) as caught:
        bind(parameters, {"count": "x", "mode": "quick", "enviroment": "staging"})
    assert caught.value.message.splitlines() == [
        "4 parameters are wrong:",
        "  there is no parameter 'enviroment': did you mean 'environment'?",
        "  environment is missing: one of staging, production (Where to)",
        "  count must be a whole number, not 'x'",
        "  mode must be one of fast, slow, not 'quick'",
    ]
