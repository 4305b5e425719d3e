"""What stands while nobody watches, as values. All times are seconds since the epoch, in UTC."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from workflows.records import dataclass
from workflows.values import Json

VersionStatus: TypeAlias = Literal["published", "archived"]
StartStatus: TypeAlias = Literal["queued", "started", "skipped", "refused"]
TriggerKind: TypeAlias = Literal["webhook", "file", "run", "manual"]
Role: TypeAlias = Literal["viewer", "operator", "admin"]
Overlap: TypeAlias = Literal["allow", "skip", "queue", "replace"]


@dataclass(frozen=True)
class Child:
    """A workflow that a published one calls, as it was then. `name` is how it is called: a stem, or a path."""

    name: str
    text: str
    digest: str
    path: str = ""


@dataclass(frozen=True)
class Version:
    """A workflow as it was published. Nothing of it ever changes but `status`.

    `workflow` is the file's stem, `number` counts from 1, `digest` is of the text and all children's texts together.
    `code` is what it was published with: the digest of each `skill:name` and `agent:name` that it may use.
    """

    workflow: str
    number: int
    digest: str
    text: str
    children: tuple[Child, ...] = ()
    code: dict[str, str] = field(default_factory=dict)
    status: VersionStatus = "published"
    published: float = 0.0
    by: str = ""
    note: str = ""
    root: str = ""
    """The workspace that its paths count from."""
    path: str = ""
    """The file that it was published from."""

    @property
    def name(self) -> str:
        """As people write it: `nightly@3`."""
        return f"{self.workflow}@{self.number}"


@dataclass(frozen=True)
class Schedule:
    """When a workflow starts by itself: at the times of `cron` in `timezone`, `every` so many seconds, or once `at`.

    `version` is which one runs: 0 is the newest that is published. `missed` says what becomes of slots that passed
    while nobody was there: `skip`, `latest`, or `all:5` for the last five. `last` is the last slot that was asked for;
    `count` how many were. `source` says who keeps it: the workflow's file, by publishing, or a person.
    Slots up to `since` do not count: it was made, changed or resumed then.
    """

    id: str
    workflow: str
    cron: str = ""
    every: float = 0.0
    at: float | None = None
    timezone: str = "UTC"
    parameters: Mapping[str, Json] = field(default_factory=dict)
    missed: str = "latest"
    overlap: Overlap = "queue"
    paused: bool = False
    note: str = ""
    created: float = 0.0
    since: float = 0.0
    by: str = ""
    last: float | None = None
    count: int = 0
    source: Literal["file", "person"] = "person"
    version: int = 0
    priority: int = 0


@dataclass(frozen=True)
class Trigger:
    """What starts a workflow when something happens. `config` is of its kind: what to watch, a digest of a key, …

    `count` is how many starts it asked for, `last` when it did so last.
    """

    id: str
    workflow: str
    kind: TriggerKind
    config: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    paused: bool = False
    note: str = ""
    created: float = 0.0
    by: str = ""
    last: float | None = None
    count: int = 0
    version: int = 0
    priority: int = 0


@dataclass(frozen=True)
class Start:
    """A run that is to be. Its key can exist once, and so can the run: nothing can lose or double it.

    `key` is `cause` and what is unique within it: `schedule:<id>:<slot>`, `webhook:<trigger>:<message>`,
    `api:<user>:<key>`. `cause` is `schedule:<id>`, `<kind>:<trigger>` or `api:<user>`. `run_id` is the id that its run
    has, or will have. `version` is which one runs, 0 the newest there is when it begins. `due` is when it was to begin:
    of a schedule, the slot. `why` says why it was skipped or refused, and `holder` is the process that is beginning it.
    """

    key: str
    cause: str
    workflow: str
    version: int = 0
    parameters: Mapping[str, Json] = field(default_factory=dict)
    priority: int = 0
    by: str = ""
    at: float = 0.0
    due: float = 0.0
    run_id: str = field(default_factory=lambda: new_run_id())
    status: StartStatus = "queued"
    why: str = ""
    holder: str = field(default="", compare=False)


def start_for(
    of: Schedule | Trigger,
    cause: str,
    happened: str,
    now: float,
    *,
    by: str = "",
    due: float | None = None,
    parameters: Mapping[str, Json] | None = None,
    run_id: str = "",
    status: StartStatus = "queued",
    why: str = "",
) -> Start:
    """The start that a schedule or a trigger asks for. `happened` is what can happen once within its `cause`."""
    return Start(
        f"{cause}:{happened}",
        cause,
        of.workflow,
        of.version,
        of.parameters if parameters is None else parameters,
        of.priority,
        by or of.by,
        at=now,
        due=now if due is None else due,
        run_id=run_id or new_run_id(),
        status=status,
        why=why,
    )


def new_run_id() -> str:
    """An id for a run, as the engine makes them."""
    return secrets.token_hex(4)


@dataclass(frozen=True)
class User:
    """Somebody who may ask the server. Of the token only its SHA-256 in hex is kept.

    `sees` is whose runs: the user's own, or all.
    """

    name: str
    role: Role
    token_digest: str
    created: float = 0.0
    by: str = ""
    sees: Literal["own", "all"] = "own"


@dataclass(frozen=True)
class Alert:
    """Something that went wrong and was noticed by a rule. It lasts until `until`; `told` is when people were told."""

    id: str
    rule: str
    about: str
    since: float
    until: float | None = None
    value: float = 0.0
    told: float | None = None
    text: str = ""
    facts: Json = None


@dataclass(frozen=True)
class Memo:
    """Something noted under a key that can exist once: a message that was sent, a link that may be used."""

    key: str
    at: float
    value: Json = None
