"""agent: a model with a prompt and tools, and the agents that take over when it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from workflows.definition.fields import Name, Value
from workflows.steps.alone import Alone
from workflows.steps.arguments import check_named
from workflows.steps.context import Context
from workflows.steps.kind import Catalogue, Description, Fields, Finding, Shown
from workflows.values import Json


class AgentFields(Fields):
    noun: ClassVar[str] = "agent step"

    agent: Name = Field(description="The agent.")
    input: Value = Field(description="What it is asked: a text, or data.")


class AgentStep(Alone):
    """Asks an agent; its answer is the step's output. The step has no effect class: its calls have."""

    name: ClassVar[str] = "agent"
    fields: ClassVar[type[Fields]] = AgentFields

    def check(self, fields: AgentFields, catalogue: Catalogue) -> Iterable[Finding]:
        return check_named("agent", fields.agent, ("agent",), catalogue)

    def performers(self, fields: AgentFields, fallback: Sequence[str]) -> tuple[str, ...]:
        return (fields.agent, *fallback)

    def describe(self, fields: AgentFields, fallback: Sequence[str], catalogue: Catalogue) -> Description:
        entries = [catalogue.find("agent", name) for name in self.performers(fields, fallback)]
        return Description(f"ask {fields.agent}", tuple(entry for entry in entries if entry is not None), None)

    async def show(self, ctx: Context) -> Shown:
        raise NotImplementedError

    async def run(self, ctx: Context) -> Json:
        raise NotImplementedError
