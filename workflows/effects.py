"""What a call does to the world, what it cost, and who answered it: facts that every call's record carries."""

from __future__ import annotations

from typing import Literal

from workflows.records import dataclass

Effect = Literal["pure", "idempotent", "unsafe"]
"""pure: changes nothing. idempotent: repeating it with the same key changes nothing more. unsafe: neither is known."""


@dataclass(frozen=True)
class Usage:
    """What one model call used. None means unknown, which is never counted as zero.

    `model` is the full name, such as `openai/gpt-4o` or `demo/scripted`. `simulated` is true where no AI wrote the
    text (scripted and template models). `cost_usd` is in US dollars.
    """

    model: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: float | None = None
    simulated: bool = False
    at_most_usd: float | None = None
    """Where the cost is not known: what it was at most, by a price that somebody set for such models."""


@dataclass(frozen=True)
class Estimate:
    """What a model call may use at most, before it is made. `usd` is None where no price is known."""

    tokens_in: int
    tokens_out: int
    usd: float | None


@dataclass(frozen=True)
class Spending:
    """What models used so far. `cost_usd` is None until a price is known; `cost_known` is false once one is not."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    cost_known: bool = True
    simulated: bool = False

    def plus(self, usage: Usage) -> Spending:
        known = usage.cost_usd is not None
        return Spending(
            self.tokens_in + (usage.tokens_in or 0),
            self.tokens_out + (usage.tokens_out or 0),
            (self.cost_usd or 0.0) + (usage.cost_usd or 0.0) if known else self.cost_usd,
            self.cost_known and known,
            self.simulated or usage.simulated,
        )

    def and_(self, other: Spending) -> Spending:
        """Both together."""
        costs = [cost for cost in (self.cost_usd, other.cost_usd) if cost is not None]
        return Spending(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            sum(costs) if costs else None,
            self.cost_known and other.cost_known,
            self.simulated or other.simulated,
        )


NOTHING_SPENT = Spending()
