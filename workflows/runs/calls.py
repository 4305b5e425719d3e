"""What a step does: its calls, and its waits. `key` names a call within the step."""

from __future__ import annotations

from typing import Literal

from workflows.effects import Effect, Usage
from workflows.errors import Failure
from workflows.records import dataclass
from workflows.runs.event import Event
from workflows.values import Json


@dataclass(frozen=True)
class CallStarted(Event):
    """Intent: durable before the effect. `spec` says what, shortened for people; `spec_digest` covers all of it.

    `model` is the full name of the model that is asked, where one is: a call that is cut off may have cost something.
    `reserved_usd` is what it may cost at worst, where the run has a budget: held back until its end is known.
    `approval` is the entry that this call uses up. `told` is what it was made with besides, such as an agent's
    instructions: it may be another when the call is made again. `allowed` is what let it be made without asking: the
    rule and where that stands, or that none is needed.
    """

    step: str
    key: str
    n: int
    effect: Effect
    spec: Json
    spec_digest: str
    idempotency_key: str
    digest: str = ""
    model: str = ""
    reserved_usd: float | None = None
    approval: str = ""
    told: Json = None
    allowed: str = ""


@dataclass(frozen=True)
class CallFinished(Event):
    """The call was made and its result is known. It is never made again."""

    step: str
    key: str
    output: Json
    usage: Usage | None = None


@dataclass(frozen=True)
class CallFailed(Event):
    """failed: known to have failed. interrupted: may be made again safely. unknown: only a person can say."""

    step: str
    key: str
    status: Literal["failed", "interrupted", "unknown"]
    failure: Failure
    usage: Usage | None = None


@dataclass(frozen=True)
class CallSettled(Event):
    """A person said of an unknown call: it happened, and this is its output; or `again`: it did not, repeat it."""

    step: str
    key: str
    again: bool
    output: Json = None
    by: str = ""


@dataclass(frozen=True)
class TimerSet(Event):
    """A wait inside a step, until `until` (seconds since the epoch)."""

    step: str
    key: str
    until: float
