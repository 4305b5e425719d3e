"""The port to where runs are kept. Every store must pass tests/contract/run_store.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Literal, Protocol, TypeAlias

from workflows.effects import Spending
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.runs.events import Recorded
from workflows.values import Json


class StoreError(UnderstudyError):
    """The store cannot be read or written: locked, full, damaged, newer. The hint says what to do."""


class StorageFull(StoreError):
    """Nothing more can be written now. The run pauses; nothing is dispatched until a write succeeds."""


class RunUnknown(StoreError):
    """No run has this id."""


class NotWaiting(StoreError):
    """No such entry waits, or it was answered already."""


class RunTaken(StoreError):
    """A run with this id was begun already: whoever meant to begin it has nothing left to do."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"There is a run {run_id} already.", f"`understudy show {run_id}` shows it.")
        self.run_id = run_id


class RunOwned(StoreError):
    """Another living process owns the run. `owner` names it."""

    def __init__(self, run_id: str, owner: str) -> None:
        super().__init__(
            f"Run {run_id} is being run by {owner}.",
            f"`understudy attach {run_id}` watches it and answers; `understudy cancel {run_id}` ends it.",
        )
        self.owner = owner


class Fenced(StoreError):
    """Another process has taken the run over since; this one must stop writing at once."""


@dataclass(frozen=True)
class Lease:
    """The right to write a run's events. `epoch` rises with every owner."""

    run_id: str
    epoch: int


@dataclass(frozen=True)
class Waiting:
    """One entry of the inbox: a person is needed. `asked` is seconds since the epoch."""

    run_id: str
    entry: str
    step: str
    reason: str
    title: str
    asked: float
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """One line of a list of runs: what its events come to, written in the same transaction as they are.

    `status` is `interrupted` where a run says that it goes on by itself (it runs, is queued, or waits for no person
    but for time) and its owner is gone. Times are seconds since the epoch.
    `cost_usd` is None where nothing was spent on a model, and `cost_known` false where some price is unknown.
    `owner` is the living process that has it, and `heard` when that last showed that it is at work (None: not known).
    `forked_from` is the run that it was begun from again, as its first event says. `version` is the published version
    that it is of, `cause` what asked for it; both are empty where a person ran a file.
    """

    run_id: str
    workflow: str
    title: str
    status: str
    started: float
    updated: float
    finished: float | None = None
    steps_done: int = 0
    steps_total: int = 0
    steps_failed: int = 0
    inbox: tuple[Waiting, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None
    cost_known: bool = True
    simulated: bool = False
    root: str = ""
    owner: str = ""
    heard: float | None = field(default=None, compare=False)
    forked_from: str = field(default="", compare=False)
    version: str = ""
    cause: str = ""


@dataclass(frozen=True)
class PostedAnswer:
    """An answer that somebody left for a run's owner to take."""

    id: int
    run_id: str
    entry: str
    choice: str
    value: Json = None
    note: str = ""
    by: str = ""
    digest: str = ""


RequestKind: TypeAlias = Literal["pause", "continue", "cancel", "cancel_now", "revoke", "hurry"]
"""What anybody may ask of a run's owner. `cancel_now` leaves out `finally` too. `revoke` takes back what was allowed
for the run: its `why` is the number of that. `hurry` is for the step that its `why` names: its next try is made now."""


@dataclass(frozen=True)
class Request:
    """What somebody asks of a run that another process may own: its owner takes it. `why` is shown."""

    id: int
    run_id: str
    what: RequestKind
    why: str = ""
    by: str = ""


Measured: TypeAlias = Literal["cost", "took"]
"""What a run is measured by: US dollars that it is known to have cost, and seconds until its end, or its last event."""

Sign: TypeAlias = Literal[">", "<", ">=", "<="]


@dataclass(frozen=True)
class Bound:
    """How much a run may have of something."""

    what: Measured
    sign: Sign
    value: float


@dataclass(frozen=True)
class Query:
    """Which runs to list, newest first. Empty fields do not filter.

    `workflow` is a workflow's whole name, `named` any part of it; `text` is looked for in id, workflow and title.
    """

    status: tuple[str, ...] = ()
    workflow: str = ""
    text: str = ""
    since: float | None = None
    limit: int = 100
    offset: int = 0
    ids: tuple[str, ...] = field(default=())
    named: str = ""
    until: float | None = None
    bounds: tuple[Bound, ...] = ()
    version: str = ""
    cause: str = ""
    by: str = ""
    """The user whose starts began them."""


@dataclass(frozen=True)
class Remembered:
    """An output that may be used again: of which run and step, and since when (seconds since the epoch)."""

    run_id: str
    step: str
    at: float
    output: Json
    spent: Spending | None = None
    """What it cost to make it, where that was kept."""


@dataclass(frozen=True)
class Recovery:
    """One try after a failure, by the same performer: of which class that was, the seconds waited, and how it went."""

    failure: str
    waited: float
    recovered: bool


@dataclass(frozen=True)
class Try:
    """One try of a performer: when it began (seconds since the epoch), the seconds it took, and how it went."""

    started: float
    seconds: float
    succeeded: bool


class RunStore(Protocol):
    """Events of runs, with the epoch as the lease. All methods may raise StoreError."""

    async def create(self, run_id: str, owner: str, events: Sequence[Recorded], summary: Summary) -> Lease:
        """A new run with its first events, owned by `owner` at epoch 1. Raises RunTaken if the id is."""
        ...

    async def claim(self, run_id: str, owner: str) -> Lease:
        """Take a run whose owner is gone or who released it. Raises RunUnknown, RunOwned."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give the run up. Does nothing where the lease was fenced."""
        ...

    async def append(self, lease: Lease, events: Sequence[Recorded], summary: Summary, last: bool = False) -> None:
        """Add events, all or none, durable on return, with what the run now comes to. `seq` must follow the last one.
        With the `last` of them the run is given up.

        Raises Fenced where the lease is old, StorageFull where there is no room, StoreError otherwise.
        """
        ...

    async def read(self, run_id: str, after: int = 0) -> list[Recorded]:
        """The run's events with a seq above `after`, in order. Raises RunUnknown."""
        ...

    async def runs(self, query: Query) -> list[Summary]: ...

    async def resolve(self, text: str) -> str:
        """The one run whose id starts with the text, or the newest for `last`. Raises RunUnknown, naming near ones."""
        ...

    async def inbox(self) -> list[Waiting]:
        """What waits for a person in all runs, oldest first."""
        ...

    async def post_answer(self, answer: PostedAnswer) -> PostedAnswer:
        """Leave an answer, from any process. Returns it with its id.

        Raises NotWaiting, also where an answer to it was left already.
        """
        ...

    async def answers(self, run_id: str) -> list[PostedAnswer]:
        """Answers left for this run whose entry still waits, oldest first."""
        ...

    async def post_request(self, request: Request) -> Request:
        """Leave a request, from any process. Returns it with its id. Raises RunUnknown."""
        ...

    async def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """Requests left for this run with an id above `after`, oldest first."""
        ...

    async def mail(self) -> object:
        """What is another value once anybody has left an answer or a request. Costs little, however many ask."""
        ...

    def mark(self) -> object:
        """What is another value once anything was written, by any process; at times also where nothing was.

        It costs next to nothing, and tells whoever follows a run when to read. To be taken before reading.
        """
        ...

    async def delete(self, run_id: str) -> None:
        """Forget a run with all that was recorded of it. What another run took over from it is that one's own.

        Raises RunUnknown, and RunOwned where a living process has it.
        """
        ...

    async def recall(self, key: str, since: float) -> Remembered | None:
        """The newest output that a step of any run left under this key at or after `since` (seconds since the epoch).

        Only what was really done counts: an output that was itself taken from another run is not found again.
        """
        ...

    async def recoveries(self, performer: str, limit: int = 200) -> list[Recovery]:
        """How it went when the performer tried a step again after a failure, in all runs, newest first.

        Each is two attempts of one step, one right after the other: the first failed or timed out, the second came to
        an end of its own. What was interrupted or cancelled, or nobody knows the outcome of, teaches nothing; nor does
        another version of the code. A performer without a name is nobody: it has no history, and no part in another's.
        """
        ...

    async def tries(self, performer: str, limit: int = 50) -> list[Try]:
        """How the performer's tries went, in all runs, newest first; those that came to an end of their own."""
        ...

    async def close(self) -> None: ...
