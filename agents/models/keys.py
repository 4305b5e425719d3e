"""What a model needs to be called: its key, its address and the like, found in the environment or missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agents.models.providers import OLLAMA, PROVIDERS, full_name, ollama_base, provider_of
from workflows.errors import Failure
from workflows.secrets import Secret


@dataclass(frozen=True)
class Key:
    """What a call of the model needs. `variable` names where the key came from; it is empty where none is needed."""

    model: str
    variable: str
    arguments: Mapping[str, Secret]
    secrets: tuple[Secret, ...]

    @property
    def value(self) -> Secret | None:
        return self.arguments.get("api_key")

    @property
    def api_base(self) -> str | None:
        base = self.arguments.get("api_base")
        return base.reveal() if base else None


@dataclass(frozen=True)
class Missing:
    """Why the model cannot be called: these variables are not set or, without a provider, nobody knows its name."""

    model: str
    provider: str
    variables: tuple[str, ...]

    def failure(self) -> Failure:
        detail = {"model": self.model, "variables": list(self.variables)}
        if not self.provider:
            hint = (
                f"Providers: {', '.join(provider.name for provider in PROVIDERS)}. For any other server that speaks "
                "OpenAI's protocol, name the model openai/<model> and set OPENAI_BASE_URL."
            )
            return Failure("dependency", f"No provider answers to the model name '{self.model}'.", hint, detail)
        names = " and ".join(self.variables)
        verb = "is" if len(self.variables) == 1 else "are"
        hint = (
            f"Set {names} in the environment, or give the agent another model. `understudy doctor` shows what is set."
        )
        return Failure("authentication", f"{self.model} cannot be called: {names} {verb} not set.", hint, detail)


class Keys(Protocol):
    """Where a model's key comes from."""

    def find(self, model: str) -> Key | Missing: ...


@dataclass(frozen=True, repr=False)
class EnvironmentKeys:
    """Keys from environment variables. The mapping decides alone: nothing else, and no `.env` file, is read."""

    environ: Mapping[str, str]

    def find(self, model: str) -> Key | Missing:
        return find_key(model, self.environ)


def find_key(model: str, environ: Mapping[str, str]) -> Key | Missing:
    """What a call of the model needs, taken from the environment given and from nowhere else."""
    provider = provider_of(model)
    if provider is None:
        return Missing(model, "", ())
    values: dict[str, str] = {}
    variables: dict[str, str] = {}
    for setting in provider.settings:
        variable = next((name for name in setting.variables if environ.get(name, "").strip()), "")
        value = environ[variable].strip() if variable else setting.default
        if value:
            values[setting.argument], variables[setting.argument] = value, variable
    absent = tuple(" or ".join(setting.variables) for setting in provider.required if setting.argument not in values)
    if absent:
        return Missing(full_name(model), provider.name, absent)
    if provider is OLLAMA:
        values["api_base"] = ollama_base(environ)
    arguments = {argument: Secret(value) for argument, value in values.items()}
    secrets = tuple(arguments[s.argument] for s in provider.settings if s.secret and s.argument in arguments)
    source = next((variables[s.argument] for s in provider.settings if s.secret and variables.get(s.argument)), "")
    return Key(full_name(model), source, arguments, secrets)
