"""What an agent's answer has to be where its definition has an `output_schema`: JSON that fits it."""

from __future__ import annotations

import json
import re

from workflows.text import one_line
from workflows.values import Json, canonical, plain

_FENCED = re.compile(r"\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*", re.DOTALL | re.IGNORECASE)


class Unfit(Exception):
    """The answer is not what was asked for. The text says why, for the model."""


def demand(schema: Json) -> str:
    """What the prompt of an agent with an output schema is followed by."""
    return f"Answer with JSON alone, no other text, that fits this JSON Schema:\n{canonical(schema)}"


def schema_problem(schema: Json) -> str:
    """What is wrong with a schema, in one line; empty where nothing is."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return one_line(f"{error.json_path}: {error.message}", 200)
    from workflows.definition.json_schemas import flaws

    flaw = next((each for each in flaws(schema) if not each.warning), None)
    return one_line(f"{'.'.join(map(str, flaw.path))}: {flaw.message}", 200) if flaw else ""


def read_output(text: str, schema: Json) -> Json:
    """The answer as JSON; a fence of ``` around it does no harm. Raises Unfit."""
    fenced = _FENCED.fullmatch(text)
    try:
        value = plain(json.loads(fenced[1] if fenced else text))
    except (ValueError, RecursionError) as error:
        raise Unfit(f"The answer is not JSON: {one_line(str(error), 200)}.") from None
    if misfit := _misfit(value, schema):
        raise Unfit(f"The answer does not fit the schema: {misfit}.")
    return value


def _misfit(value: Json, schema: Json) -> str:
    from workflows.definition.fitting import TooMuchWork, worst_error  # few agents have a schema

    try:
        error = worst_error(schema, value)  # bounded: what a model says may be made to take for ever
    except TooMuchWork:
        return "its schema leads nowhere, or takes too much work to be checked against"
    if error is None:
        return ""
    return one_line(f"{error.json_path}: {error.message}", 300)
