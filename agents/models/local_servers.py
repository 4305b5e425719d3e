"""Servers on this machine that speak OpenAI's protocol: LM Studio, vLLM, llama.cpp and their like."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from agents.models.probing import names_at
from workflows.errors import UnderstudyError

LOCAL = ("http://localhost:1234/v1", "http://localhost:8000/v1", "http://localhost:8080/v1")
"""Where LM Studio, vLLM and llama.cpp listen unless told otherwise."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def openai_servers(environ: Mapping[str, str], servers: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The addresses that answer as such a server does, with the names of its models.

    Looked at are these addresses, and the one of the environment if it is on this machine.
    """
    named = base_of(environ)
    bases = dict.fromkeys((*([named] if _is_here(named) else []), *servers))
    found = await asyncio.gather(*map(_names, bases))
    return [(base, names) for base, names in zip(bases, found, strict=True) if names is not None]


def base_of(environ: Mapping[str, str]) -> str:
    """The address that OpenAI's models are asked at, where the environment says one."""
    for variable in ("OPENAI_BASE_URL", "OPENAI_API_BASE"):
        if value := environ.get(variable, "").strip():
            return value.rstrip("/")
    return ""


async def _names(base: str) -> tuple[str, ...] | None:
    try:
        return await names_at(f"{base}/models", "data", "id", "such a server")
    except UnderstudyError:
        return None


def _is_here(base: str) -> bool:
    try:
        return urlsplit(base).hostname in LOOPBACK
    except ValueError:
        return False
