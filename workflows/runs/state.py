"""What a run's events come to. Only `reduce` makes these values; the engine and every screen read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeVar

from workflows.effects import Effect, Usage
from workflows.errors import Failure
from workflows.planning.plan import Plan
from workflows.runs.events import Answered, Asked
from workflows.values import Json

Status = Literal[
    "pending", "running", "waiting", "paused", "interrupted", "succeeded", "failed", "cancelled", "blocked", "skipped"
]
AttemptStatus = Literal["started", "succeeded", "failed", "timed_out", "cancelled", "unknown"]
CallStatus = Literal["started", "succeeded", "failed", "interrupted", "unknown"]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled", "skipped"})

K = TypeVar("K")
V = TypeVar("V")


def with_entry(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """A copy of the mapping with one entry set."""
    return MappingProxyType({**mapping, key: value})


def empty() -> Mapping[K, V]:
    """A mapping with nothing in it, which nobody can add to."""
    return MappingProxyType({})


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


@dataclass(frozen=True)
class Call:
    """One call within a step: started `n` times, completed at most once. `generation` is the step's when it started."""

    key: str
    n: int
    generation: int
    status: CallStatus
    effect: Effect
    spec: Json
    spec_digest: str
    idempotency_key: str
    attempt: int
    started: float
    ended: float | None = None
    output: Json = None
    failure: Failure | None = None
    usage: Usage | None = None
    model: str = ""
    repeats: int = 0
    """How often a person allowed an unknown call to be made again."""


@dataclass(frozen=True)
class Attempt:
    """One try of a step. `failed_call` is the key of the call that made it fail, empty where none did."""

    n: int
    performer: str
    generation: int
    status: AttemptStatus
    started: float
    digest: str = ""
    approval: str = ""
    ended: float | None = None
    failure: Failure | None = None
    interrupted: bool = False
    failed_call: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts against `max_attempts`: a try that a crash or a stop cut off does not."""
        return self.status != "started" and not self.interrupted


@dataclass(frozen=True)
class Inquiry:
    """Something a person was asked, and the answer once there is one."""

    asked: Asked
    at: float
    generation: int
    attempt: int
    answer: Answered | None = None
    answered_at: float | None = None
    voided: str = ""
    used: bool = False

    @property
    def open(self) -> bool:
        return self.answer is None and not self.voided


@dataclass(frozen=True)
class StepState:
    """Where one step stands. Times are seconds since the epoch."""

    id: str
    status: Status = "pending"
    generation: int = 1
    performer: int = 0
    """Index into the plan's performers: 0 is the one named, above it its understudies."""
    input: Json = None
    attempts: tuple[Attempt, ...] = ()
    calls: Mapping[str, Call] = field(default_factory=empty)
    inquiries: tuple[str, ...] = ()
    retry_at: float | None = None
    retry_base: int = 0
    """Tries made before a person or a fallback began the count anew."""
    timers: Mapping[str, float] = field(default_factory=empty)
    output: Json = None
    failure: Failure | None = None
    why: str = ""
    then: str = ""
    spent: Spending = Spending()
    started: float | None = None
    ended: float | None = None

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True)
class RunState:
    """Where a run stands after the event `seq`."""

    run_id: str
    seq: int = 0
    status: Status = "pending"
    workflow: str = ""
    title: str = ""
    source: str = ""
    parameters: Json = None
    root: str = ""
    plan: Plan = field(default_factory=Plan)
    digests: Mapping[str, str] = field(default_factory=empty)
    environment: Mapping[str, str] = field(default_factory=empty)
    attended: bool = False
    simulated: str = ""
    paused: bool = False
    steps: Mapping[str, StepState] = field(default_factory=empty)
    counts: Mapping[str, int] = field(default_factory=empty)
    """How many steps have each status."""
    aborting: str = ""
    """The step whose failure ends the run."""
    spent: Spending = Spending()
    inquiries: Mapping[str, Inquiry] = field(default_factory=empty)
    outputs: Json = None
    failure: Failure | None = None
    why: str = ""
    started: float = 0.0
    updated: float = 0.0
    ended: float | None = None

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def all_over(self) -> bool:
        """Whether every step is over."""
        return not any(self.counts.get(status, 0) for status in ("pending", "running", "waiting", "paused"))

    @property
    def open_inquiries(self) -> tuple[Inquiry, ...]:
        """What waits for a person, oldest first."""
        return tuple(
            inquiry for inquiry in self.inquiries.values() if inquiry.open and not self.steps[inquiry.asked.step].over
        )
