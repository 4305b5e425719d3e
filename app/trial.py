"""Trying a model: one tiny question, its price said first, and what came of it. For `doctor --model`."""

from __future__ import annotations

import asyncio
import time

from agents.models.keys import Key, Keys
from agents.models.port import Message, Reply, Request
from agents.models.registry import Models
from app.present.figures import duration, tokens
from workflows.errors import CallFailed, Failure
from workflows.money import money
from workflows.records import dataclass
from workflows.text import one_line

QUESTION = "Answer with the one word: ready"
LONGEST = 256
"""Tokens of the answer. Models that think need room for that before they say a word."""

DEADLINE = 60.0
"""Seconds."""


@dataclass(frozen=True)
class Trial:
    """A question that may be asked of a model. `at_most_usd` is None where its price is not known."""

    model: str
    request: Request
    at_most_usd: float | None

    def words(self) -> str:
        """What asking it costs."""
        if self.at_most_usd is None:
            return f"{self.model} is asked one question of some 20 tokens; what that costs is not known"
        if not self.at_most_usd:
            return f"{self.model} is asked one question, which costs nothing"
        return f"{self.model} is asked one question, which costs {money(self.at_most_usd)} at most"


@dataclass(frozen=True)
class Tried:
    """What came of it: an answer, or why there is none. `seconds` counts from the request to its end."""

    seconds: float
    reply: Reply | None = None
    failure: Failure | None = None

    @property
    def works(self) -> bool:
        """Whether the model answers. An answer that was cut for its length is one."""
        return self.reply is not None or (self.failure is not None and self.failure.kind == "agent")

    def words(self) -> str:
        """The same for a person, on one line."""
        if self.reply is None:
            assert self.failure is not None  # one of the two came of it
            if self.works:
                return f"answers, though not with what was asked for: {one_line(self.failure.message, 300)}"
            return one_line(self.failure.message, 400)
        usage = self.reply.usage
        cost = "$?" if usage.cost_usd is None else money(usage.cost_usd) if usage.cost_usd else "no cost"
        counted = f"{tokens(usage.tokens_in)} tokens in, {tokens(usage.tokens_out)} out"
        took = f"{duration(self.seconds)}, loading included"
        return f"answered in {took}: “{one_line(self.reply.text, 60)}” ({counted}, {cost})"


async def propose_trial(models: Models, name: str) -> Trial:
    """What would be asked. Raises CallFailed where no model answers to the name."""
    model = models.name_of(name)
    messages = (Message("user", QUESTION),)
    request = Request(model, messages, max_tokens=LONGEST, deadline=DEADLINE, idle=DEADLINE)
    models.find(model)
    # Prices are read from a file at first.
    limited, estimate = await asyncio.to_thread(models.quote, request)
    return Trial(model, limited, estimate.usd)


async def without_key(model: str, models: Models, keys: Keys) -> Failure | None:
    """Why the model cannot be asked at all for want of a key or an address; None where it can."""
    if models.simulated(model):
        return None
    found = await asyncio.to_thread(keys.find, model)
    return None if isinstance(found, Key) else found.failure()


async def carry_out(trial: Trial, models: Models) -> Tried:
    """Ask. Whatever goes wrong is what came of it."""
    # What the first call imports is no part of the answer's time.
    models.load(trial.model)
    began = time.monotonic()
    try:
        reply = await models.complete(trial.request, lambda _: None)
    except CallFailed as error:
        return Tried(time.monotonic() - began, failure=error.failure)
    return Tried(time.monotonic() - began, reply)
