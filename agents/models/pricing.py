"""What an answer used, as the provider counted it, and what that costs by litellm's own price list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from agents.models.keys import Key
from workflows.effects import Usage

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def usage_of(litellm: Any, key: Key, chunks: Iterable[Any]) -> Usage:
    """The usage of a finished stream. What the provider did not count is unknown (None), never counted by guess.

    `chunks` are the chunks as received. A count of zero for both directions is no count: an answer has a question.
    The cost is None for a model without a price, and 0 for one that runs on this machine.
    """
    counted = [usage for chunk in chunks if (usage := getattr(chunk, "usage", None)) is not None]
    tokens_in = _most(counted, "prompt_tokens")
    tokens_out = _most(counted, "completion_tokens")
    if not tokens_in and not tokens_out:
        return Usage(key.model)
    cached = _most([getattr(usage, "prompt_tokens_details", None) for usage in counted], "cached_tokens")
    return Usage(key.model, tokens_in, tokens_out, cached, _cost(litellm, key, counted[-1], tokens_in, tokens_out))


def _most(counts: Iterable[Any], name: str) -> int | None:
    """The largest count given. Some providers send one that grows, others its halves in different chunks."""
    values = [value for count in counts if isinstance(value := getattr(count, name, None), int)]
    return max(values) if values else None


def _cost(litellm: Any, key: Key, usage: Any, tokens_in: int | None, tokens_out: int | None) -> float | None:
    if key.model.startswith("ollama_chat/"):  # never looked up: litellm would ask the server, blocking its loop
        return 0.0 if urlsplit(key.api_base or "").hostname in LOOPBACK else None
    if tokens_in is None or tokens_out is None:
        return None
    whole = usage.model_copy(update={"prompt_tokens": tokens_in, "completion_tokens": tokens_out})
    try:
        cost = sum(litellm.cost_per_token(model=key.model, usage_object=whole))
    except Exception:  # litellm raises a plain Exception for a model that it has no price for
        return None
    return float(cost) or None
