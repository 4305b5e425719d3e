"""What models this machine could use, found without calling any: for `doctor` and the page shown without a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal
from urllib.parse import urlsplit

from agents.models.keys import Key, Unusable, find_key
from agents.models.providers import OLLAMA, PROVIDERS, Provider, ollama_base
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.text import one_line

PROBE_SECONDS = 0.3
MAX_ANSWER = 1_000_000
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


async def detect(environ: Mapping[str, str], probe: Probe | None = None) -> tuple[Finding, ...]:
    """What the environment holds keys for, then Ollama. Takes 0.3 seconds at most, and asks no other server."""
    providers = [provider for provider in PROVIDERS if provider is not OLLAMA]
    found = [finding for provider in providers if (finding := _of_environment(provider, environ))]
    return (*(found or [_nothing(providers)]), await _of_ollama(ollama_base(environ), probe or ask_ollama))


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
    more = " …" if len(names) > SHOWN else ""
    counted = f"{len(names)} model{'s' if len(names) > 1 else ''}"
    words = f"Ollama is running on {shown}, {counted}: {', '.join(names[:SHOWN])}{more}"
    return Finding("ollama", "ready", words, tuple(f"ollama_chat/{name}" for name in names))


async def ask_ollama(base: str) -> tuple[str, ...]:
    """GET /api/tags. HTTP/1.0 by hand: it never blocks the loop, and nothing has to be imported for it."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            head, _, body = (await _get(f"{base}/api/tags")).partition(b"\r\n\r\n")
    except (OSError, ValueError):  # refused, unknown host, too slow, or no address at all
        raise UnderstudyError("nothing listening") from None
    try:
        if head.split(b" ", 2)[1] != b"200":
            raise ValueError
        models = json.loads(body)["models"]
        return tuple(one_line(str(model["name"]), 80) for model in models)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise UnderstudyError("something that is not Ollama answers") from None


async def _get(url: str) -> bytes:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("no host")
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    try:
        writer.write(f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n\r\n".encode())
        answer = b""
        while len(answer) < MAX_ANSWER and (piece := await reader.read(65536)):
            answer += piece
        return answer
    finally:
        writer.close()
