"""question: a person is asked for data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Duration, Expression, JsonSchema, Value
from workflows.definition.fitting import misfit
from workflows.steps.alone import Alone
from workflows.steps.arguments import has_expression
from workflows.steps.kind import Catalogue, Description, Fields, Finding


class QuestionFields(Fields):
    noun: ClassVar[str] = "question step"

    ask: Expression = Field(description="What the person is asked.")
    schema_: JsonSchema | None = Field(None, alias="schema", description="What the answer must look like.")
    timeout: Duration | None = Field(None, description="How long an answer is waited for; then the default is taken.")
    default: Value = Field(None, description="The answer where none came.")

    def findings(self) -> Iterable[Finding]:
        if self.default is not None and self.timeout is None:
            yield Finding(("default",), "no-effect", "default has no effect without timeout", warning=True)
        if self.default is None or self.schema_ is None or has_expression(self.default):
            return
        if found := misfit(self.schema_, self.default):
            path, why = found
            yield Finding(("default", *path), "wrong-value", f"default is no answer that the schema allows: {why}")


class AskQuestion(Alone):
    """The answer is its output. Parsed and checked only."""

    name: ClassVar[str] = "question"
    fields: ClassVar[type[Fields]] = QuestionFields
    runnable: ClassVar[bool] = False

    def describe(self, fields: QuestionFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("a person answers", people=True)
