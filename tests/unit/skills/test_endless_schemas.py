"""Schemas and values that were made to be checked for ever: those of somebody's server, and of what a model says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.output import Unfit, read_output, schema_problem
from skills.arguments import check
from skills.discover import BUILT_IN
from skills.manifest import Skill
from skills.registry import Registry
from workflows.errors import CallFailed
from workflows.steps.arguments import check_arguments
from workflows.steps.kind import Entry
from workflows.values import Json

NODE = {"type": "array", "items": {"$ref": "#/$defs/n"}}
DOUBLING = {
    "type": "object",
    "$defs": {"n": {"anyOf": [NODE, {**NODE, "maxItems": 9}]}},
    "properties": {"x": {"$ref": "#/$defs/n"}},
}


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return {"x": value}


def a_skill() -> Skill:
    return replace(Registry([BUILT_IN]).get("file.read"), name="mcp__a__b", parameters=DOUBLING)


def test_arguments_of_a_tool_are_checked_in_bounded_time() -> None:
    with pytest.raises(CallFailed, match="takes too much work"):
        check(a_skill(), nested(60))


def test_arguments_in_a_file_are_too() -> None:
    entry = Entry("skill", "mcp__a__b", parameters=DOUBLING)
    assert not [*check_arguments(entry, nested(60))], "it is for the call to say"


def test_answers_of_a_model_are_checked_in_bounded_time() -> None:
    with pytest.raises(Unfit, match="too much work"):
        read_output(str(nested(60)).replace("'", '"'), DOUBLING)
    slow = {"type": "string", "pattern": "^(a+)+$"}
    assert not schema_problem(slow)
    with pytest.raises(Unfit):
        read_output(f'"{"a" * 60}!"', slow)


def test_a_pattern_that_cannot_be_tried_in_bounded_time_is_an_error_of_the_agent() -> None:
    assert "pattern" in schema_problem({"type": "string", "pattern": "(?=a)b"})
