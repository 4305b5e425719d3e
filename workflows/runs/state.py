"""What a run's events come to. Only `reduce` makes these values; the engine and every screen read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Literal

from workflows.effects import NOTHING_SPENT, Effect, Spending, Usage
from workflows.errors import Failure, Then
from workflows.planning.plan import Block, Plan, PlannedStage, PlannedStep
from workflows.records import dataclass
from workflows.runs.events import Answered, Asked, Ending, PersonTold, ScopeKind
from workflows.runs.front import Front
from workflows.runs.purse import Purse
from workflows.runs.statuses import ENDED as ENDED
from workflows.runs.statuses import AttemptStatus as AttemptStatus
from workflows.runs.statuses import CallStatus as CallStatus
from workflows.runs.statuses import Status as Status
from workflows.runs.statuses import under_way as under_way
from workflows.values import Json


def empty() -> Mapping[Any, Any]:
    """A mapping with nothing in it."""
    return _EMPTY


_EMPTY: Mapping[Any, Any] = MappingProxyType({})


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
    reserved_usd: float | None = None
    """What it may cost at worst, where the run has a budget."""
    repeats: int = 0
    """How often a person allowed an unknown call to be made again."""
    allowed: str = ""
    """What let it be made without asking anybody: the rule, and where that stands."""


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

    @property
    def stood_back(self) -> bool:
        """Whether it ended before a call that the budget had no room for, and a person was asked."""
        return self.interrupted and self.failure is not None and self.failure.kind == "budget"


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
    told: PersonTold | None = None
    """How people were told of it, in a run that nobody attends; None as long as they were not."""

    @property
    def open(self) -> bool:
        return self.answer is None and not self.voided


@dataclass(frozen=True)
class Permit:
    """A pattern of tool calls that a person allowed for the run. `revoked` says when it ceased to count."""

    pattern: str
    entry: str
    by: str
    at: float
    revoked: float | None = None
    revoked_by: str = ""


@dataclass(frozen=True)
class Reused:
    """Where a step's end comes from: the run that it was done in, what it cost there, and which models were asked.

    `by` is who gave another output in its place.
    """

    run: str
    spent: Spending = NOTHING_SPENT
    models: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Handled:
    """A handler that took a step's failure: its number and action, and which try had failed."""

    handler: int
    action: str
    attempt: int


@dataclass(frozen=True)
class Scope:
    """Steps that belong together and are over together.

    `name` is the address of the step that holds them (empty for the run's own), or says what is done about a step or a
    workflow, such as `deploy~handler1` or `~undo`. `owner` is the step that waits for them, empty for the run. `home`
    is the scope of the workflow they belong to: its parameters, context and handlers count here.
    """

    name: str
    kind: ScopeKind = "run"
    owner: str = ""
    home: str = ""
    prefix: str = ""
    """What stands before the ids of its steps in their addresses."""
    stages: tuple[PlannedStage, ...] = ()
    """With addresses in the place of ids."""
    plan: Plan = field(default_factory=Plan)
    """Of a workflow's own scope."""
    block: Block | None = None
    """What its steps are laid out from; None where they are listed by address, or are items of a list."""
    number: int = 0
    """How many scopes there were before it: those that hold it come first."""
    parameters: Json = None
    data: Json = None
    opened: int = 1
    during: int = 1
    """How often its home had been opened by then."""
    generation: int = 1
    status: Literal["open", "succeeded", "failed", "cancelled"] = "open"
    counts: Mapping[str, int] = field(default_factory=empty)
    front: Front = field(default_factory=Front)
    aborting: bool = False
    aborted_by: str = ""
    then: Then = ""
    failure: Failure | None = None
    output: Json = None
    draft: object = field(default=None, compare=False, repr=False)

    @property
    def open(self) -> bool:
        return self.status == "open"

    @property
    def is_workflow(self) -> bool:
        return self.kind in ("run", "child")

    @property
    def ended(self) -> Ending:
        """How it ended. Only of one that is not open."""
        assert self.status != "open"
        return self.status

    @property
    def steps(self) -> Iterator[str]:
        """The addresses of its steps, in order."""
        return (address for stage in self.stages for address in stage.steps)

    @property
    def all_over(self) -> bool:
        return not under_way(self.counts)

    @property
    def room(self) -> int:
        """How many more of its steps may run now."""
        front = self.front
        return self.stages[front.stage].width - front.taken if front.free else 0


_NO_STEP = PlannedStep("", "")


@dataclass(frozen=True)
class StepState:
    """Where one step stands. `id` is its address. Times are seconds since the epoch."""

    id: str
    planned: PlannedStep = _NO_STEP
    scope: str = ""
    item: Json = None
    """Of a step that is done for one item of a list."""
    status: Status = "pending"
    generation: int = 1
    performer: int = 0
    """Index into the plan's performers: first the one named, or several equal ones, above them the understudies."""
    chosen: bool = False
    """Whether it was decided which of several equal performers takes it."""
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
    then: Then = ""
    handled: tuple[Handled, ...] = ()
    cached_from: str = ""
    saved: Spending | None = None
    """What it had cost to make an output that was taken from a cache, where that is known."""
    reused: Reused | None = None
    spent: Spending = NOTHING_SPENT
    started: float | None = None
    ended: float | None = None
    ended_at: int = 0
    """The number of the event that ended it: what ended last is undone first."""
    draft: object = field(default=None, compare=False, repr=False)

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def understudied(self) -> bool:
        """Whether one performs it who only took over."""
        return self.performer >= self.planned.equals

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def live_calls(self) -> tuple[Call, ...]:
        """Its calls that count, without those that were set aside."""
        return tuple(call for key, call in self.calls.items() if "@" not in key)

    @property
    def in_doubt(self) -> Call | None:
        """The call that may or may not have taken effect."""
        for key, call in self.calls.items():
            if call.status == "unknown" and "@" not in key:
                return call
        return None


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
    requested: int = 0
    """The last of what other processes asked for and the owner took."""
    at_once: bool = False
    """Whether it was cancelled without its `finally`."""
    nonce: str = ""
    forked_from: str = ""
    fork_at: str = ""
    fresh: bool = False
    """Whether nothing is taken from a cache."""
    priority: int = 0
    after: tuple[str, ...] = ()
    version: str = ""
    """Which published version it is of, such as `nightly@3`; empty where a file was run."""
    cause: str = ""
    """What asked for it, where no person did."""
    queued: bool = False
    """Whether it waits for its turn to begin or to go on."""
    steps: Mapping[str, StepState] = field(default_factory=empty)
    """By address: those that were there from the start, and those that were added when their time came."""
    scopes: Mapping[str, Scope] = field(default_factory=empty)
    startable: frozenset[str] = frozenset()
    """The open scopes in which a step may start, unless the run is paused or they are being stopped."""
    closable: frozenset[str] = frozenset()
    """The open scopes whose steps are over, and those that are being stopped."""
    counts: Mapping[str, int] = field(default_factory=empty)
    """How many steps have each status."""
    at_work: float = 0.0
    """Seconds in which something moved: waiting for people and being stopped left out."""
    spent: Spending = NOTHING_SPENT
    purses: Mapping[str, Purse] = field(default_factory=empty)
    """The budgets, by the scope of the workflow that has one: the run's own is called ""."""
    prices: Mapping[str, float] = field(default_factory=empty)
    """US dollars per million tokens, of models whose price a person gave."""
    permits: tuple[Permit, ...] = ()
    """What a person allowed agents for this run, in order: the first is number 1."""
    inquiries: Mapping[str, Inquiry] = field(default_factory=empty)
    unanswered: tuple[str, ...] = ()
    """The entries that are open, oldest first."""
    outputs: Json = None
    failure: Failure | None = None
    why: str = ""
    started: float = 0.0
    updated: float = 0.0
    ended: float | None = None
    draft: object = field(default=None, compare=False, repr=False)
    """Marks the steps and scopes that were made for this state alone: while it is a draft, they may be written to."""

    @property
    def over(self) -> bool:
        return self.status in ENDED

    @property
    def top(self) -> Scope:
        """The scope of the run's own steps."""
        return self.scopes.get("", _NO_SCOPE)

    @property
    def aborting(self) -> str:
        """The step whose failure ends the run, or was the first to."""
        return self.top.aborted_by

    @property
    def all_over(self) -> bool:
        """Whether every step is over."""
        return not under_way(self.counts)

    @property
    def open_inquiries(self) -> tuple[Inquiry, ...]:
        """What waits for a person, oldest first."""
        open_ = (self.inquiries[entry] for entry in self.unanswered)
        return tuple(inquiry for inquiry in open_ if not self.steps[inquiry.asked.step].over)


_NO_SCOPE = Scope("")
