"""The list of models that comes with litellm, read as the file it is: nothing is imported, and nothing fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agents.models.abilities import NOTHING_KNOWN, Abilities
from agents.models.prices import Price, Tier
from agents.models.providers import full_name

FILE = "model_prices_and_context_window_backup.json"

PROVIDERS = {"vertex_ai": ("vertex_ai",), "bedrock": ("bedrock",), "gemini": ("gemini",)}
"""Beginnings of what the list calls a provider, where that is not our own name for it."""

_TIER = re.compile(r"(input|output)_cost_per_(?:token|reasoning_token)(?:_above_(\d+)k_tokens)?\Z")


class PriceList:
    """Prices and abilities by full name. The file is read at the first question, in some 50 ms."""

    def abilities(self, model: str) -> Abilities:
        """What a model can do, as far as the list knows."""
        entry = self._entry(model)
        if entry is None:
            return NOTHING_KNOWN
        most = entry.get("max_input_tokens")
        window = most if isinstance(most, int) and most > 0 else None
        return Abilities(window, entry.get("supports_vision") is True, entry.get("supports_response_schema") is True)

    def price(self, model: str) -> Price | None:
        """What a model costs; None where the list has no price for it, or one of nothing."""
        entry = self._entry(model)
        if entry is None:
            return None
        tiers = tuple(_tiers(entry))
        if not any(tier.tokens_in or tier.tokens_out for tier in tiers):
            return None
        most = entry.get("max_output_tokens")
        return Price(tiers, most if isinstance(most, int) and most > 0 else None)

    def _entry(self, model: str) -> Mapping[str, Any] | None:
        name = full_name(model)
        provider, _, short = name.partition("/")
        entry = self._entries.get(name)
        if entry is None:
            # The list has many names without their provider: only one that is this provider's will do.
            entry = self._entries.get(short)
            known = str(entry.get("litellm_provider", "")) if entry else ""
            if entry is None or not known.startswith(PROVIDERS.get(provider, (provider,))):
                return None
        return entry

    @cached_property
    def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        spec = find_spec("litellm")
        if spec is None or spec.origin is None:
            return {}
        try:
            entries = json.loads((Path(spec.origin).parent / FILE).read_bytes())
        except (OSError, ValueError):
            return {}  # without the list a price is unknown, which is never taken for none
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def _tiers(entry: Mapping[str, Any]) -> Iterator[Tier]:
    found: dict[int, dict[str, float]] = {}
    for key, value in entry.items():
        if (match := _TIER.match(key)) and isinstance(value, int | float):
            tier = found.setdefault(int(match[2] or 0) * 1000, {})
            tier[match[1]] = max(tier.get(match[1], 0.0), value * 1e6)
    for above, prices in sorted(found.items()):
        yield Tier(prices.get("input", 0.0), prices.get("output", 0.0), above)
