"""The types that the language's models are written with, and the base of those models.

An annotation says it all: `timeout: Duration | None = Field(default=None, description="…")` is read from `5m`, named in
errors, and drawn in the schema for editors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

from workflows.definition.containers import Schema
from workflows.definition.shapes import Free, Number, Span, Text, Whole
from workflows.parts import Part
from workflows.source import Mapping as MappingNode
from workflows.source import Report
from workflows.steps.kind import Finding
from workflows.values import Json

IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"

Label: TypeAlias = Annotated[str, Text(label=True)]
"""A text for people; nothing in it is evaluated."""

Name: TypeAlias = Annotated[str, Text(name=True, wanted="a name")]
"""The name of something that exists elsewhere: a skill, an agent, a workflow, a channel. Never an expression."""

Identifier: TypeAlias = Annotated[
    str, Text(pattern=IDENTIFIER, wanted="an id (letters, digits and _, not starting with a digit)")
]
"""The id of a step or parameter, which expressions can name."""

Expression: TypeAlias = Annotated[str, Text(holds="text")]
"""A text in which `${{ }}` is replaced when the step starts."""

Condition: TypeAlias = Annotated[
    str, Text(holds="condition", wanted="a condition (an expression that is true or false)")
]
"""An expression, its braces left out or not, that yields true or false."""

Value: TypeAlias = Annotated[Json, Free(holds="value")]
"""Any JSON value; `${{ }}` in its texts is replaced when the step starts."""

Values: TypeAlias = Mapping[str, Value]

JsonSchema: TypeAlias = Annotated[Mapping[str, Json], Schema()]
"""A JSON Schema."""

Duration: TypeAlias = Annotated[float, Span()]
"""Seconds, more than 0."""

Wait: TypeAlias = Annotated[float, Span(zero=True)]
"""Seconds, 0 or more."""

WaitOrExpression: TypeAlias = Annotated[float | str, Span(zero=True, expression=True)]
"""Seconds, 0 or more, or a text whose expression gives a duration."""

Missed: TypeAlias = Annotated[
    str, Text(pattern=r"(skip|latest|all(:[1-9][0-9]{0,2})?)", wanted="skip, latest, all, or all:5 for the last 5")
]
"""What becomes of a schedule's times that passed while nobody was there."""

Given: TypeAlias = Annotated[Mapping[str, Json], Free(mapping=True)]
"""A mapping of JSON values in which nothing is evaluated."""

Count: TypeAlias = Annotated[int, Whole(1)]
"""A whole number from 1."""

Repeats: TypeAlias = Annotated[int, Whole(0)]
"""A whole number from 0."""

Amount: TypeAlias = Annotated[float, Number(0.0)]
"""A number above 0."""

FromZero: TypeAlias = Annotated[float, Number(0.0, zero=True)]
"""A number from 0 on."""


Percent: TypeAlias = Annotated[int, Whole(1, 100)]
"""A whole number from 1 to 100."""


class Definition(Part):
    """A part of a workflow, as written. Frozen. `noun` names it in errors."""

    noun: ClassVar[str]

    @classmethod
    def settle(cls, values: dict[str, Any], node: MappingNode, report: Report) -> None:
        """Mend `values`, keyed as in the file, where the text of one key depends on another."""

    def findings(self) -> Iterable[Finding]:
        """What is wrong between keys of this part. Paths lead from this part."""
        return ()
