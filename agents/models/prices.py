"""What models cost: as set by the user, else as litellm's own list has it; and what one call may cost at worst."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace

from agents.models.port import Request
from agents.models.providers import full_name
from workflows.effects import Estimate
from workflows.records import dataclass
from workflows.values import canonical

ANSWER = 8_192
"""Tokens that an answer may have in a run with a budget, where neither the agent nor the model sets a lower limit."""

MESSAGE = 16
"""Tokens around each message and each tool, at most: roles, names and marks."""

AROUND = 640
"""Tokens around the whole, at most. Some providers explain tools to their model in some 500 tokens of their own."""

IMAGE = 50_000
"""Tokens of one image, at most: small models of some providers count that many for a large one."""

_WORDS = re.compile(r"(?: |(?<![A-Za-z0-9]))(?:[A-Z]?[a-z]{1,12}|[A-Z]{1,4})(?![A-Za-z0-9])")
"""Short plain words, with the blank before them."""


@dataclass(frozen=True)
class Tier:
    """US dollars per million tokens, where the request has at least `above` tokens."""

    tokens_in: float
    tokens_out: float
    above: int = 0


@dataclass(frozen=True)
class Price:
    """The price of a model by the length of the request. `most_out` is the longest answer it can give, if known."""

    tiers: tuple[Tier, ...]
    most_out: int | None = None

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """US dollars at most for so many tokens."""
        tiers = [tier for tier in self.tiers if tier.above <= tokens_in]
        dear_in = max((tier.tokens_in for tier in tiers), default=0.0)
        dear_out = max((tier.tokens_out for tier in tiers), default=0.0)
        return (tokens_in * dear_in + tokens_out * dear_out) / 1e6


def flat(tokens_in: float, tokens_out: float) -> Price:
    """The same price for every request."""
    return Price((Tier(tokens_in, tokens_out),))


def _unlisted(model: str) -> Price | None:
    return None


@dataclass(frozen=True)
class Prices:
    """Prices by the model's full name. `named` wins over `listed`; `unknown` is the worst for all that have none."""

    named: Mapping[str, Price] = field(default_factory=dict)
    unknown: Price | None = None
    listed: Callable[[str], Price | None] = _unlisted

    def named_for(self, model: str) -> Price | None:
        """The price that the user set for exactly this model."""
        return next((price for name, price in self.named.items() if full_name(name) == model), None)

    def of(self, model: str) -> Price | None:
        """What counts for a model before a call; None where nobody knows."""
        return self.named_for(model) or self.listed(model) or self.unknown

    def bounded(self, request: Request) -> tuple[Request, Estimate]:
        """The request with the length of its answer limited, and what it may use at most."""
        price = self.of(request.model)
        most_out = min(ANSWER, (price and price.most_out) or ANSWER)
        limited = request if request.max_tokens is not None else replace(request, max_tokens=most_out)
        tokens_in, tokens_out = tokens_at_most(limited), limited.max_tokens or most_out
        usd = None if price is None else price.cost(tokens_in, tokens_out)
        return limited, Estimate(tokens_in, tokens_out, usd)


def tokens_at_most(request: Request) -> int:
    """Tokens of a request, counted too high rather than too low, for any model and without its tokenizer.

    A short plain word counts half its letters: no tokenizer cuts those into single ones. All else counts a token a
    byte, which is the most that tokenizers of bytes can make of it. English comes out at about twice what it has.
    """
    texts = [message.content for message in request.messages]
    texts += [canonical(call.arguments) + call.name for message in request.messages for call in message.tool_calls]
    texts += [canonical([tool.name, tool.description, tool.parameters]) for tool in request.tools]
    texts += [canonical(request.schema)] if request.schema is not None else []
    images = sum(len(message.images) for message in request.messages)
    return AROUND + MESSAGE * len(texts) + sum(map(_pieces, texts)) + IMAGE * images


def _pieces(text: str) -> int:
    halves = sum(len(word) // 2 for word in _WORDS.findall(text))
    return len(text.encode("utf-8", "surrogatepass")) - halves
