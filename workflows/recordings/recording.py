"""What a recording holds: the calls of one run with how each ended, what people were asked, and how the run ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from workflows.effects import Effect, Usage
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.values import Json

Outcome = Literal["output", "failed", "unknown", "stopped"]
"""How a call ended. unknown: nobody could say whether it happened. stopped: something else ended first."""


@dataclass(frozen=True)
class Exchange:
    """One call of one step. `request` is what was asked, in canonical form; `told` what went with it.

    `code` is the digest of the skill or the agent that acted. Of a request that was too long for the history there is
    only {beginning, length, digest}.
    """

    step: str
    key: str
    effect: Effect
    request: Json
    told: Json = None
    code: str = ""
    outcome: Outcome = "output"
    output: Json = None
    failure: Failure | None = None
    usage: Usage | None = None
    at: float = 0.0
    """Seconds from the beginning of the run to its end."""
    order: int = 0
    """Results come, and people answer, in this order."""


@dataclass(frozen=True)
class Reply:
    """What a person said. Who that was stays in the history: a recording is passed on."""

    choice: str
    value: Json = None
    note: str = ""


@dataclass(frozen=True)
class Consulted:
    """One thing that a person was asked. `reply` is None where time ran out, or nobody answered."""

    entry: str
    step: str
    key: str
    reason: str
    title: str
    body: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    reply: Reply | None = None
    at: float = 0.0
    """Seconds from the beginning of the run to the answer."""
    order: int = 0


@dataclass(frozen=True)
class Head:
    """The run that was recorded. `started` is seconds since the epoch; `simulated` says where no AI was at work.

    `spent_usd` is None where nothing was spent, or no price was known.
    """

    workflow: str
    run: str
    version: str
    started: float
    parameters: Json
    environment: Mapping[str, str] = field(default_factory=dict)
    attended: bool = False
    simulated: bool = False
    status: str = "succeeded"
    outputs: Json = None
    spent_usd: float | None = None
    stopped: tuple[str, ...] = ()
    """Steps that something else ended, or kept from beginning. What they would have asked for nobody knows."""
    allowed_usd: float | Literal["none"] | None = None
    """What it might spend, where that was not what its text says, and nobody was asked about it."""


@dataclass(frozen=True)
class Recording:
    """All of it, in the order in which it happened."""

    head: Head
    exchanges: tuple[Exchange, ...] = ()
    consulted: tuple[Consulted, ...] = ()
