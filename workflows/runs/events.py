"""What happened in a run, in order. The journal is a list of these; everything else is computed from them.

Every event is frozen and has a version, so that journals of older releases can be read (journal/upcasters.py).
`step` is a step's address; `key` names a call within it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Literal

from workflows.effects import NOTHING_SPENT, Spending
from workflows.errors import Failure, Then
from workflows.records import dataclass
from workflows.runs.calls import CallFailed as CallFailed
from workflows.runs.calls import CallFinished as CallFinished
from workflows.runs.calls import CallSettled as CallSettled
from workflows.runs.calls import CallStarted as CallStarted
from workflows.runs.calls import TimerSet as TimerSet
from workflows.runs.event import Event as Event
from workflows.runs.inbox_events import Answered as Answered
from workflows.runs.inbox_events import ApprovalVoided as ApprovalVoided
from workflows.runs.inbox_events import Asked as Asked
from workflows.runs.inbox_events import BudgetRaised as BudgetRaised
from workflows.runs.inbox_events import CodeAccepted as CodeAccepted
from workflows.runs.inbox_events import PatternAllowed as PatternAllowed
from workflows.runs.inbox_events import PatternRevoked as PatternRevoked
from workflows.runs.inbox_events import PersonTold as PersonTold
from workflows.runs.inbox_events import PriceGiven as PriceGiven
from workflows.values import Json

Ending = Literal["succeeded", "failed", "cancelled"]
Reusable = Literal["succeeded", "failed", "cancelled", "blocked", "skipped", "undone"]

ScopeKind = Literal["run", "child", "block", "each", "handler", "verify", "undo", "rollback", "finally", "notify"]
"""Why steps belong together: a file's own, a child workflow's, a block inside a step, the items of a list, or what is
done about a step or a workflow: handling its failure, finding out, undoing, rolling back, finishing, telling."""


@dataclass(frozen=True)
class RunStarted(Event):
    """`workflow` is the file's stem, `source` its text, `plan` the plan as JSON, `digests` the code it started with.

    `nonce` marks this run's placeholders of secrets, so that no text from outside can pass for one. `forked_from` is
    the run whose results count here too, `fork_at` the step that it begins at. A `fresh` run takes nothing from
    a cache. Where runs or steps wait for places, those of a higher `priority` go first. It begins when the runs in
    `after` have succeeded. `published` is which published version of the workflow it is of (`nightly@3`), empty where
    its file was run; `cause` is what asked for it where no person did: `schedule:<id>`, `webhook:<trigger>`, and so on.
    """

    workflow: str
    title: str
    source: str
    parameters: Json
    plan: Json
    root: str
    digests: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    attended: bool = False
    simulated: str = ""
    nonce: str = ""
    forked_from: str = ""
    fork_at: str = ""
    fresh: bool = False
    priority: int = 0
    after: tuple[str, ...] = ()
    published: str = ""
    cause: str = ""


@dataclass(frozen=True)
class RunQueued(Event):
    """Nothing starts before it is the run's turn. `why` says what it waits for, `place` is where it stands in line."""

    why: str = ""
    place: int = 0


@dataclass(frozen=True)
class RunAdmitted(Event):
    """It is the run's turn now. With `why`, it has none, and is only to be ended."""

    why: str = ""


@dataclass(frozen=True)
class RunResumed(Event):
    """Another process (or the same one later) took the run over. `interrupted`: its owner had died."""

    attended: bool = False
    interrupted: bool = False


@dataclass(frozen=True)
class RunPaused(Event):
    """No new step starts. `why` is shown."""

    why: str = ""


@dataclass(frozen=True)
class RunContinued(Event):
    """Steps may start again."""


@dataclass(frozen=True)
class RequestTaken(Event):
    """The owner took what somebody asked for: `pause`, `continue`, `cancel`, or `cancel_now` without `finally`.

    `request` is the number of what was left in the journal by another process, else 0. What it comes to is what follows
    in the same commit.
    """

    request: int
    what: str
    by: str = ""


@dataclass(frozen=True)
class RunInterrupted(Event):
    """The owner stopped in good order; the run can be resumed. `why` is shown."""

    why: str = ""


@dataclass(frozen=True)
class RunFinished(Event):
    """The end. `outputs` are the workflow's outputs where it succeeded."""

    status: Ending
    outputs: Json = None
    failure: Failure | None = None


@dataclass(frozen=True)
class ScopeOpened(Event):
    """Steps may start that stood back until now: those of `scope`, which belongs to `step` (empty: to the run).

    `data` is what they are made from: {"items": […]} of a list, {"branch": 0} of a decision, {"parameters": {…}} of
    a child workflow, {"handler": 0} of an error handler, {"steps": […]}, in order, for what is undone. Opened again,
    what succeeded stands, and the rest is done again; all of it where its step's input was changed.
    """

    step: str
    scope: str
    kind: ScopeKind
    data: Json = None


@dataclass(frozen=True)
class ScopeAborted(Event):
    """Nothing more starts in the scope and what runs in it is stopped, other than by a step's failure."""

    scope: str
    why: str
    failure: Failure | None = None
    then: Then = "abort"


@dataclass(frozen=True)
class ScopeClosed(Event):
    """The steps of the scope are over. A failed one says what its step is to do with `then`."""

    scope: str
    status: Ending
    failure: Failure | None = None
    output: Json = None
    then: Then = ""


@dataclass(frozen=True)
class StepStarted(Event):
    """The step's needs are met and its condition holds. `input` is its fields with every expression evaluated.

    `attempt` is the try that begins with it, by nobody in particular; 0 where none does yet.
    """

    step: str
    input: Json
    attempt: int = 0


@dataclass(frozen=True)
class StepSkipped(Event):
    """The step is not done, and reads as null. `by` is a person where one chose it."""

    step: str
    why: str
    by: str = ""


@dataclass(frozen=True)
class StepFinished(Event):
    """The step has its end. A failed one says in `then` what follows.

    `cache_key`: the output may be reused under this key. `cached_from`: the run that it was taken from. `spent` is
    what it cost to make, of both. `attempt` is the try that succeeded with it; 0 where it ended otherwise. `call` is
    the key of the call that was all it did: that was made, and gave the step's output.
    """

    step: str
    status: Ending
    output: Json = None
    failure: Failure | None = None
    then: Then = ""
    cache_key: str = ""
    cached_from: str = ""
    by: str = ""
    spent: Spending | None = None
    attempt: int = 0
    call: str = ""


@dataclass(frozen=True)
class StepReused(Event):
    """The step's end in another run, `run`, counts here too: nothing is done, and what it cost is not paid again.

    `spent` is what it cost there, of those `models`. `by`: who gave another output in the place of the one it had.
    """

    step: str
    run: str
    status: Reusable
    input: Json = None
    output: Json = None
    failure: Failure | None = None
    then: Then = ""
    why: str = ""
    performer: int = 0
    spent: Spending = NOTHING_SPENT
    models: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class StepsReset(Event):
    """A person had steps done again, as if for the first time: what they called counts no more."""

    steps: tuple[str, ...]
    why: str
    by: str = ""


@dataclass(frozen=True)
class HandlerTaken(Event):
    """The handler with this number takes a step's failure: it will do its steps, and then `action`."""

    step: str
    handler: int
    action: str
    why: str


@dataclass(frozen=True)
class InputEdited(Event):
    """A person changed a step's input; what was called with the old one counts no more."""

    step: str
    input: Json
    by: str = ""


@dataclass(frozen=True)
class AttemptStarted(Event):
    """Try `n` (from 1) by `performer`. `digest` is its code; `approval` the entry that this attempt uses up."""

    step: str
    n: int
    performer: str = ""
    digest: str = ""
    approval: str = ""


@dataclass(frozen=True)
class AttemptFinished(Event):
    """How try `n` ended. `interrupted`: the process died or was stopped; it does not count as a try."""

    step: str
    n: int
    status: Literal["succeeded", "failed", "timed_out", "cancelled", "unknown"]
    failure: Failure | None = None
    interrupted: bool = False


@dataclass(frozen=True)
class RetryScheduled(Event):
    """The step will be tried again at `at` (seconds since the epoch). `why` tells the story."""

    step: str
    at: float
    why: str


@dataclass(frozen=True)
class PerformerChosen(Event):
    """Of several equal performers this one takes the step. `why` names the strategy, and what it went by."""

    step: str
    performer: str
    why: str = ""


@dataclass(frozen=True)
class FallbackTaken(Event):
    """The understudy steps in: `performer` takes over from `instead_of`."""

    step: str
    performer: str
    instead_of: str
    why: str


@dataclass(frozen=True)
class Noted(Event):
    """Something worth telling that changed nothing about the step: a circuit that opened, and why."""

    step: str
    text: str


EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}


@dataclass(frozen=True)
class Recorded:
    """An event with its place in the run's journal (`seq`, from 1, without gaps) and its time (seconds, UTC)."""

    seq: int
    at: float
    event: Event


def facts_of(event: Event) -> tuple[Event, ...]:
    """An event as the facts that it holds, in their order: most steps begin with their first try, and end with one."""
    match event:
        case StepStarted(step=step, attempt=n) if n:
            return (event, AttemptStarted(step, n))
        case StepFinished(step=step, attempt=n, call=key) if n:
            made = (CallFinished(step, key, event.output),) if key else ()
            return (*made, AttemptFinished(step, n, "succeeded"), event)
    return (event,)


def facts_in(journal: Iterable[Recorded]) -> Iterator[Recorded]:
    """The facts that events hold, each with its event's place and time."""
    for recorded in journal:
        for fact in facts_of(recorded.event):
            yield recorded if fact is recorded.event else Recorded(recorded.seq, recorded.at, fact)
