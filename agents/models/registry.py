"""Which model answers to which name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, runtime_checkable

from agents.models.abilities import NOTHING_KNOWN, Abilities, abilities_of
from agents.models.port import Model, Reply, Request
from agents.models.prices import Prices
from agents.models.providers import full_name
from workflows.effects import Estimate
from workflows.errors import CallFailed, Failure
from workflows.records import dataclass
from workflows.secrets import Redactor

SIMULATED = ("demo/", "scripted/", "template/")
"""Beginnings of the names of models without AI."""


@runtime_checkable
class Loadable(Protocol):
    """A model whose first call takes longer, unless it was prepared."""

    def load(self, model: str) -> None: ...


@runtime_checkable
class Quoting(Protocol):
    """A model that can say what an answer may cost before it is asked."""

    def quote(self, request: Request) -> tuple[Request, Estimate]: ...


@dataclass(frozen=True)
class Models:
    """All models of this process: itself a model, which hands each request to the one that its name belongs to.

    `entries` maps the beginning of a name to its model; the longest that fits wins, and "" fits every name. `default`
    is the model of agents that name none; empty if there is none. With `forbid_real` only simulated models answer.
    What the `redactor` knows is left out of every request: of what agents are told beside what tools gave back, such as
    their own prompts and AGENTS.md, nothing else did it.
    """

    entries: Mapping[str, Model]
    default: str = ""
    forbid_real: bool = False
    redactor: Redactor | None = None

    def name_of(self, model: str | None) -> str:
        """The full name of the model that an agent names, or of the default; empty if there is neither."""
        return full_name(model or self.default)

    @staticmethod
    def simulated(model: str) -> bool:
        """Whether no AI writes what this model says."""
        return model.startswith(SIMULATED)

    def find(self, model: str) -> Model:
        """The model that answers to a full name. Raises CallFailed (dependency) if none does, or none may."""
        if not model:
            hint = (
                "Set UNDERSTUDY_MODEL=<provider>/<model> and the provider's key, or `model:` in the settings or in the "
                "agent's file. `understudy doctor` shows what is set."
            )
            raise CallFailed(Failure("dependency", "No model is configured.", hint))
        if self.forbid_real and not self.simulated(model):
            hint = "Use a scripted or template model, or allow real ones."
            raise CallFailed(Failure("dependency", f"{model}: real models are forbidden here.", hint))
        fitting = [prefix for prefix in self.entries if model.startswith(prefix)]
        if not fitting:
            known = ", ".join(sorted(self.entries)) or "none"
            raise CallFailed(Failure("dependency", f"No model answers to the name '{model}'.", f"There are: {known}."))
        return self.entries[max(fitting, key=len)]

    def load(self, model: str) -> None:
        """Let what answers to a full name prepare itself, where that takes time. Returns at once, and never fails."""
        try:
            found = self.find(model)
        except CallFailed:
            return  # its call says so
        if isinstance(found, Loadable):
            found.load(model)

    def abilities(self, model: str) -> Abilities:
        """What is known of the model with a full name before it is asked. May read a file at first; never fails."""
        try:
            return abilities_of(self.find(model), model)
        except CallFailed:
            return NOTHING_KNOWN  # its call says so

    def quote(self, request: Request) -> tuple[Request, Estimate]:
        """The request as it is to be made in a run with a budget, and what it may use at most. Takes a while at first.

        Raises CallFailed (dependency) where no model answers to the name.
        """
        found = self.find(request.model)
        if self.simulated(request.model):
            return request, Estimate(0, 0, 0.0)
        return found.quote(request) if isinstance(found, Quoting) else Prices().bounded(request)

    async def complete(self, request: Request, on_text: Callable[[str], None]) -> Reply:
        return await self.find(request.model).complete(self._without_secrets(request), on_text)

    def _without_secrets(self, request: Request) -> Request:
        if self.redactor is None:
            return request
        redact, known = self.redactor.redact, self.redactor.redact_json
        messages = tuple(
            replace(
                message,
                content=redact(message.content),
                tool_calls=tuple(replace(call, arguments=known(call.arguments)) for call in message.tool_calls),
            )
            for message in request.messages
        )
        tools = tuple(
            replace(tool, description=redact(tool.description), parameters=known(tool.parameters))
            for tool in request.tools
        )
        return replace(request, messages=messages, tools=tools)
