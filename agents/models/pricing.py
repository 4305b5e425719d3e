"""What an answer used, as the provider counted it, and what that costs: as the user set it, else as litellm says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from agents.models.keys import Key
from agents.models.prices import Prices
from workflows.effects import Usage

OLLAMA = "ollama_chat/"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def usage_of(litellm: Any, key: Key, chunks: Iterable[Any], prices: Prices) -> Usage:
    """The usage of a finished stream. What the provider did not count is unknown (None), never counted by guess.

    `chunks` are the chunks as received. A count of zero for both directions is no count: an answer has a question.
    The cost is None for a model without a price, and 0 for one that runs on this machine. Where it is None, the price
    that is set for unknown models says what it was at most.
    """
    counted = [usage for chunk in chunks if (usage := getattr(chunk, "usage", None)) is not None]
    tokens_in = _most(counted, "prompt_tokens")
    tokens_out = _most(counted, "completion_tokens")
    if not tokens_in and not tokens_out:
        return Usage(key.model)
    cached = _most([getattr(usage, "prompt_tokens_details", None) for usage in counted], "cached_tokens")
    cost = _cost(litellm, key, counted[-1], tokens_in, tokens_out, prices)
    usage = Usage(key.model, tokens_in, tokens_out, cached, cost)
    if cost is None and prices.unknown is not None and tokens_in is not None and tokens_out is not None:
        return replace(usage, at_most_usd=prices.unknown.cost(tokens_in, tokens_out))
    return usage


def _most(counts: Iterable[Any], name: str) -> int | None:
    """The largest count given. Some providers send one that grows, others its halves in different chunks."""
    values = [value for count in counts if isinstance(value := getattr(count, name, None), int)]
    return max(values) if values else None


def is_local(key: Key) -> bool:
    """Whether the model runs on this machine, where it costs nothing."""
    return key.model.startswith(OLLAMA) and urlsplit(key.api_base or "").hostname in LOOPBACK


def _cost(
    litellm: Any, key: Key, usage: Any, tokens_in: int | None, tokens_out: int | None, prices: Prices
) -> float | None:
    if is_local(key):
        return 0.0
    if tokens_in is None or tokens_out is None:
        return None
    if (price := prices.named_for(key.model)) is not None:
        return price.cost(tokens_in, tokens_out)
    if key.model.startswith(OLLAMA):
        return None  # never looked up: litellm would ask the server, blocking its loop
    whole = usage.model_copy(update={"prompt_tokens": tokens_in, "completion_tokens": tokens_out})
    try:
        cost = sum(litellm.cost_per_token(model=key.model, usage_object=whole))
    except Exception:  # litellm raises a plain Exception for a model that it has no price for
        return None
    return float(cost) or None
