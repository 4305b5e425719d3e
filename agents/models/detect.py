"""What models this machine could use, found without calling any: for `doctor` and the page shown without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from agents.models.keys import Key, Unusable, find_key
from agents.models.local_servers import LOCAL, base_of, openai_servers
from agents.models.probing import names_at
from agents.models.providers import OLLAMA, PROVIDERS, Provider, ollama_base
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.text import one_line

SHOWN = 3
"""Names that a line gives before it says `…`."""

State = Literal["untested", "incomplete", "missing", "ready", "empty", "absent"]
"""untested: a key is there. incomplete: a part of what is needed is. missing: no key at all. Of Ollama: ready with
models, empty without, absent if nothing answers."""


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what was found, and the same in words. `models` are full names."""

    name: str
    state: State
    words: str
    models: tuple[str, ...] = ()


Probe = Callable[[str], Awaitable[tuple[str, ...]]]
"""Gives the names of the models that an Ollama at this address has. Raises UnderstudyError if it does not answer."""


async def detect(
    environ: Mapping[str, str], probe: Probe | None = None, servers: Sequence[str] = LOCAL
) -> tuple[Finding, ...]:
    """What the environment holds keys for, servers on this machine that speak OpenAI's protocol, then Ollama.

    Takes 0.3 seconds at most, and asks nobody outside this machine but the Ollama that the environment names.
    """
    providers = [provider for provider in PROVIDERS if provider is not OLLAMA]
    found = [finding for provider in providers if (finding := _of_environment(provider, environ))]
    ollama, local = await asyncio.gather(
        _of_ollama(ollama_base(environ), probe or ask_ollama), openai_servers(environ, servers)
    )
    return (*(found or [_nothing(providers)]), *(_of_server(*server, environ) for server in local), ollama)


def _of_server(base: str, names: tuple[str, ...], environ: Mapping[str, str]) -> Finding:
    """A server that speaks OpenAI's protocol, and what is still to be set for it."""
    words = f"a server with OpenAI's protocol on {base}, {_counted(names)}"
    missing = [f"OPENAI_BASE_URL={base}"] if base_of(environ) != base else []
    missing += ["OPENAI_API_KEY=none"] if not environ.get("OPENAI_API_KEY", "").strip() else []
    models = tuple(f"openai/{name}" for name in names)
    if missing:
        return Finding("local", "incomplete", f"{words}: to use it, set {' and '.join(missing)}", models)
    return Finding("local", "ready" if names else "empty", words, models)


def _counted(names: Sequence[str]) -> str:
    if not names:
        return "no models"
    more = " …" if len(names) > SHOWN else ""
    return f"{len(names)} model{'s' if len(names) > 1 else ''}: {', '.join(names[:SHOWN])}{more}"


def _of_environment(provider: Provider, environ: Mapping[str, str]) -> Finding | None:
    key = find_key(f"{provider.name}/any", environ)
    if isinstance(key, Key):
        variable = key.variable or provider.required[0].variables[0]
        return Finding(provider.name, "untested", f"{variable} found in environment, not tested")
    if isinstance(key, Unusable):
        return Finding(provider.name, "incomplete", f"{key.variable} found in environment, but it cannot be used")
    required = [name for setting in provider.required for name in setting.variables]
    given = [name for name in required if environ.get(name, "").strip()]
    if not given:
        return None
    words = f"{' and '.join(given)} found in environment, but not {' and '.join(key.variables)}"
    return Finding(provider.name, "incomplete", words)


def _nothing(providers: list[Provider]) -> Finding:
    names = [provider.required[0].variables[0] for provider in providers]
    words = f"no {', '.join(names[:SHOWN])} … ({len(names)} checked)"
    return Finding("environment", "missing", words)


async def _of_ollama(base: str, probe: Probe) -> Finding:
    shown = one_line(base, 80)
    try:
        names = await probe(base)
    except UnderstudyError as error:
        return Finding("ollama", "absent", f"{error.message} on {shown}")
    if not names:
        return Finding("ollama", "empty", "Ollama is running, no models pulled: ollama pull <name>")
    words = f"Ollama is running on {shown}, {_counted(names)}"
    return Finding("ollama", "ready", words, tuple(f"ollama_chat/{name}" for name in names))


async def ask_ollama(base: str) -> tuple[str, ...]:
    """The names of the models that an Ollama has. Raises UnderstudyError."""
    return await names_at(f"{base}/api/tags", "models", "name", "Ollama")
