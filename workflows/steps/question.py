"""question: a person is asked for data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Duration, Expression, JsonSchema, Value
from workflows.steps.alone import Alone
from workflows.steps.kind import Catalogue, Description, Fields


class QuestionFields(Fields):
    noun: ClassVar[str] = "question step"

    ask: Expression = Field(description="What the person is asked.")
    schema_: JsonSchema | None = Field(None, alias="schema", description="What the answer must look like.")
    timeout: Duration | None = Field(None, description="How long an answer is waited for; then the default is taken.")
    default: Value = Field(None, description="The answer where none came.")


class AskQuestion(Alone):
    """The answer is its output. Parsed and checked only."""

    name: ClassVar[str] = "question"
    fields: ClassVar[type[Fields]] = QuestionFields
    runnable: ClassVar[bool] = False

    def describe(self, fields: QuestionFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("a person answers", people=True)
