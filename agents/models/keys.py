"""What a model needs to be called: its key, its address and the like, found in the environment or missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from agents.models.providers import (
    OLLAMA,
    OLLAMA_BASE,
    PROVIDERS,
    Setting,
    full_name,
    key_variables,
    ollama_base,
    provider_of,
)
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.secrets import Secret

SHORTEST_KEY = 16
"""Characters of the shortest key that any provider gives out, with room to spare."""


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


@dataclass(frozen=True)
class Unusable:
    """Why the model cannot be called though all is set: what the variable holds can be no key, or no address.

    The value is not told: it may be a key, whatever the variable is for.
    """

    model: str
    variable: str
    setting: Setting

    def failure(self) -> Failure:
        detail = {"model": self.model, "variables": [self.variable]}
        start = f"{self.model} cannot be called: {self.variable}"
        if self.setting.secret:
            hint = "Copy it again, alone and on one line. `understudy doctor` shows what is set."
            message = f"{start} holds a character that no key has: a blank, a line break, or one beyond ASCII."
            return Failure("authentication", message, hint, detail)
        hint = f"Set it to one such as {self.setting.default or 'https://example.org/v1'}, or unset it."
        return Failure("validation", f"{start} is not an address that starts with http:// or https://.", hint, detail)


class Keys(Protocol):
    """Where a model's key comes from."""

    def find(self, model: str) -> Key | Missing | Unusable:
        """What a call of the model needs. May take its time."""
        ...

    def at_hand(self, model: str) -> bool:
        """Whether all that a call needs is known already."""
        ...


def find_key(model: str, environ: Mapping[str, str]) -> Key | Missing | Unusable:
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
    settings = provider.settings
    if provider is OLLAMA:
        values["api_base"] = ollama_base(environ)
        variables["api_base"] = "OLLAMA_API_BASE" if environ.get("OLLAMA_API_BASE", "").strip() else "OLLAMA_HOST"
        settings = (*settings, OLLAMA_BASE)
    for setting in settings:
        if setting.argument in values and not _usable(setting, values[setting.argument]):
            return Unusable(full_name(model), variables[setting.argument], setting)
    arguments = {argument: Secret(value) for argument, value in values.items()}
    secrets = tuple(arguments[s.argument] for s in provider.settings if s.secret and s.argument in arguments)
    source = next((variables[s.argument] for s in provider.settings if s.secret and variables.get(s.argument)), "")
    return Key(full_name(model), source, arguments, secrets)


def known_keys(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """Every key in the environment, of whatever provider: what must never be shown or kept.

    Those of fewer than SHORTEST_KEY characters are none: local servers are given words such as `ollama`, and those
    stand in honest text.
    """
    values = {environ.get(name, "").strip() for name in key_variables()}
    return tuple(Secret(value) for value in sorted(values) if len(value) >= SHORTEST_KEY)


_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|PAT|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|(?:API|ACCESS|SECRET|PRIVATE)_?KEY)$",
    re.IGNORECASE,
)


_PATH = re.compile(r"(?:~|\.)?/\S*/")


def named_secrets(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The values of variables whose names say that they are secret, such as GITHUB_TOKEN. Paths and words are none."""
    values = {value.strip() for name, value in environ.items() if _SECRET_NAME.search(name)}
    return tuple(Secret(value) for value in sorted(values) if len(value) >= SHORTEST_KEY and not _PATH.match(value))


def _usable(setting: Setting, value: str) -> bool:
    """Whether a value can be sent, or reached, at all. Whether it is right, only the provider knows."""
    if setting.secret:
        return bool(re.fullmatch(r"[\x21-\x7e]+", value))
    if setting.argument != "api_base":
        return True
    try:
        parts = urlsplit(value)
        port = parts.port  # raises where it is no number
    except ValueError:
        return False
    has_host = bool(parts.hostname) and port != 0
    return parts.scheme in ("http", "https") and has_host and re.search(r"[\s\x00-\x1f\x7f]", value) is None
