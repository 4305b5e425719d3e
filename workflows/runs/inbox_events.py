"""What people are asked in a run, and what they say: a part of its events."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from workflows.records import dataclass
from workflows.runs.event import Event
from workflows.values import Json


@dataclass(frozen=True)
class Asked(Event):
    """An inbox entry: a person is needed. `digest` binds the answer to exactly what was shown.

    `tool` is what an agent wants to use, where it is about that; `pattern` what a person may allow for the whole run.
    """

    entry: str
    step: str
    key: str
    reason: Literal["approval", "question", "intervention", "unknown", "changed", "budget"]
    title: str
    body: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    digest: str = ""
    schema: Json = None
    until: float | None = None
    default: str = ""
    language: str = ""
    tool: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Answered(Event):
    """An entry was answered, once. `by` is who: a user name, `default` (time ran out) or a labelled script."""

    entry: str
    choice: str
    value: Json = None
    note: str = ""
    by: str = ""
    digest: str = ""


@dataclass(frozen=True)
class ApprovalVoided(Event):
    """What was approved changed before it was done, so the approval counts no more."""

    entry: str
    why: str


@dataclass(frozen=True)
class CodeAccepted(Event):
    """A person chose to go on with changed code: `name` such as `skill:git.log` now has `digest`."""

    name: str
    digest: str
    by: str = ""


@dataclass(frozen=True)
class BudgetRaised(Event):
    """The workflow of `scope` (empty: the run) may spend up to `usd` dollars in all from now on.

    With `step` that holds for the next call of this step only, and the limit stays as it was.
    """

    scope: str
    usd: float
    by: str = ""
    step: str = ""


@dataclass(frozen=True)
class PriceGiven(Event):
    """A model whose price nobody knew counts as `usd` dollars per million tokens at most, in this run."""

    model: str
    usd: float
    by: str = ""


@dataclass(frozen=True)
class PatternAllowed(Event):
    """A person allowed tool calls of this pattern for the rest of the run. `entry` is where they were asked."""

    entry: str
    pattern: str
    by: str = ""


@dataclass(frozen=True)
class PatternRevoked(Event):
    """What was allowed as number `number` of the run (from 1) counts no more."""

    number: int
    by: str = ""


@dataclass(frozen=True)
class PersonTold(Event):
    """People were told of an entry by a channel of the settings, or could not be: `failed` says why."""

    entry: str
    channel: str
    failed: str = ""
