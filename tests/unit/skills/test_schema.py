"""Type hints as JSON Schema, and checked arguments as the values a function wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Optional, Union

import pytest
from jsonschema import Draft7Validator

from skills.schema import (
    Notes,
    Parameter,
    UnknownHint,
    fit,
    parameters_schema,
    path_parameters,
    read_docstring,
    schema_of,
)

HINTS = [
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (list, {"type": "array"}),
    (dict, {"type": "object"}),
    (Any, {}),
    (Path, {"type": "string", "format": "path"}),
    (Literal["a", 1], {"enum": ["a", 1]}),
    (list[int], {"type": "array", "items": {"type": "integer"}}),
    (dict[str, Any], {"type": "object", "additionalProperties": {}}),
    (int | None, {"type": ["integer", "null"]}),
    (Optional[str], {"type": ["string", "null"]}),  # noqa: UP045  # users write it
    (Union[int, str], {"type": ["integer", "string"]}),  # noqa: UP007  # users write it
    (Path | None, {"type": ["string", "null"], "format": "path"}),
    (list[str] | None, {"type": ["array", "null"], "items": {"type": "string"}}),
    (list[str] | str, {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
]


@pytest.mark.parametrize(("hint", "schema"), HINTS)
def test_each_hint_has_one_schema(hint: object, schema: object) -> None:
    assert schema_of(hint) == schema
    Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("hint", [set, bytes, tuple[int, int], dict[int, str], object, complex])
def test_other_hints_are_refused(hint: object) -> None:
    with pytest.raises(UnknownHint):
        schema_of(hint)


def test_a_default_may_be_any_json_and_a_tuple_becomes_a_list() -> None:
    schema = parameters_schema([Parameter("a", list, (1, 2)), Parameter("b", dict, {"c": None})], {})
    assert schema["properties"] == {
        "a": {"type": "array", "default": [1, 2]},
        "b": {"type": "object", "default": {"c": None}},
    }
    assert schema["required"] == []


def test_docstrings_come_apart() -> None:
    text = """Do it.

        With care: not too fast.

        Args:
            a: One.
            b: Two
                and more.
        Returns:
            {done}, and
            nothing else.
        """
    assert read_docstring(text) == Notes(
        "Do it.\n\nWith care: not too fast.", {"a": "One.", "b": "Two and more."}, "{done}, and nothing else."
    )
    assert read_docstring(None) == Notes()


def test_values_fit_their_hints() -> None:
    schema = parameters_schema(
        [
            Parameter("path", Path),
            Parameter("paths", list[Path]),
            Parameter("none", Path | None),
            Parameter("whole", int),
            Parameter("real", float),
        ],
        {},
    )
    values = fit(schema, {"path": "/a", "paths": ["/b"], "none": None, "whole": 5.0, "real": 5.0})
    assert values == {"path": Path("/a"), "paths": [Path("/b")], "none": None, "whole": 5, "real": 5.0}
    assert isinstance(values["whole"], int)
    assert path_parameters(schema) == {"path", "paths", "none"}
