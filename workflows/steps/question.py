"""question: a person is asked for data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from workflows.definition.fields import Duration, Expression, JsonSchema, Value
from workflows.definition.fitting import misfit
from workflows.errors import fail
from workflows.parts import Field
from workflows.steps.alone import Alone
from workflows.steps.arguments import has_expression
from workflows.steps.context import Context, Question
from workflows.steps.kind import Catalogue, Description, Fields, Finding
from workflows.text import one_line
from workflows.values import Json


class QuestionFields(Fields):
    noun: ClassVar[str] = "question step"

    ask: Expression = Field(description="What the person is asked.")
    schema_: JsonSchema | None = Field(default=None, key="schema", description="What the answer must look like.")
    timeout: Duration | None = Field(
        default=None, description="How long an answer is waited for; then the default is taken."
    )
    default: Value = Field(default=None, description="The answer where none came.")

    def findings(self) -> Iterable[Finding]:
        if self.default is None or self.schema_ is None or has_expression(self.default):
            return
        if found := misfit(self.schema_, self.default):
            path, why = found
            yield Finding(("default", *path), "wrong-value", f"default is no answer that the schema allows: {why}")


class AskQuestion(Alone):
    """Asks a person. The answer is its output."""

    name: ClassVar[str] = "question"
    fields: ClassVar[type[Fields]] = QuestionFields

    def describe(self, fields: QuestionFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        return Description("a person answers", people=True)

    async def run(self, ctx: Context) -> Json:
        given = ctx.input
        default, timeout = given.get("default"), given.get("timeout")
        question = str(given["ask"])
        answer = await ctx.ask(
            "question",
            Question(
                reason="question",
                title=one_line(question, 100) or f"{ctx.address} asks",
                body=question,
                choices=("answer",) if default is None else ("answer", "default"),
                schema=given.get("schema"),
                timeout=timeout,
                # What no answer means when the time is up; nobody can choose to be late.
                default="late" if default is None else "default",
            ),
        )
        if answer.choice == "late":
            within = "in time" if timeout is None else f"within {timeout:g} s"
            raise fail("timeout", f"Nobody answered {ctx.address} {within}.", "Give it a `default`.")
        return default if answer.choice == "default" else answer.value
