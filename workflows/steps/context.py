"""What a step kind may do while it runs. Every act goes through here, so that it is journalled before it happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from workflows.effects import Effect, Estimate, Usage
from workflows.records import dataclass
from workflows.values import Json

Reason = Literal["approval", "question", "intervention", "unknown", "changed", "budget"]

OF_A_CALL = "/approval"
"""What follows a call's key in the key of the question whether that call may be made."""


@dataclass(frozen=True)
class Result:
    """A call's result: its output, and what a model used for it."""

    output: Json
    usage: Usage | None = None


@dataclass(frozen=True)
class Question:
    """What a person is asked. `choices` are the words an answer may be; `default` is taken after `timeout` seconds.

    An approval is bound to `binds` besides what is shown. `tool` is what an agent wants to use, where it is about that,
    and `pattern` what may be allowed for the whole run, by the choice `allow_pattern`.
    """

    reason: Reason
    title: str
    body: str = ""
    facts: Mapping[str, str] | None = None
    choices: tuple[str, ...] = ("approve", "deny")
    schema: Json = None
    timeout: float | None = None
    default: str = ""
    language: str = ""
    tool: str = ""
    pattern: str = ""
    binds: Json = None


@dataclass(frozen=True)
class Answer:
    """What a person (or the default) answered. `value` goes with choices that carry data. `entry` is what it is for."""

    choice: str
    value: Json = None
    note: str = ""
    by: str = ""
    entry: str = ""


@dataclass(frozen=True)
class Leave:
    """That a call may be made. `entry` is where a person approved exactly this one, `why` what allowed it otherwise:
    the rule and where that stands, or that none is needed."""

    entry: str = ""
    why: str = ""


class Context(Protocol):
    """One attempt of one step."""

    @property
    def run_id(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def root(self) -> Path:
        """The folder the run works in."""
        ...

    @property
    def input(self) -> Json:
        """The step's fields with every expression replaced by its value."""
        ...

    @property
    def permits(self) -> tuple[str, ...]:
        """The patterns of tool calls that a person allowed for this run, as they count now."""
        ...

    @property
    def performer(self) -> str:
        """Which of the kind's performers acts in this attempt."""
        ...

    async def call(
        self,
        key: str,
        spec: Json,
        effect: Effect,
        act: Callable[[str], Awaitable[Result]],
        *,
        digest: str = "",
        model: str = "",
        worst: Callable[[], Awaitable[Estimate]] | None = None,
        permit: Callable[[], Awaitable[Leave]] | None = None,
        told: Json = None,
        whole: bool = False,
    ) -> Json:
        """Do one thing outside, once.

        The intent is durable before `act(idempotency key)` is awaited; its result is journalled before anything that
        follows. A call that was completed before (same key and spec) is not made again: its output is returned.
        `key` is unique in the step, such as `turn2/tool1`. `digest` names the code that acts, `model` the model that is
        asked, if it costs: a call that is cut off then counts as one whose cost is unknown. `worst` says what the call
        may use at most; it is asked only where the run has a budget, and the call is made only where that has room.
        `permit` is awaited only where the call is about to be made, and gives the leave that it is made with, for the
        record. With it, `effect` counts whatever the step states: it is the call that acts.
        `told` is what the call is made with besides, for the record: a call made again may be told something else.
        `whole`: the call is all that the step does, and its output the step's, so that both can be recorded as one.

        Raises what `permit` and `act` raise (CallFailed, OutcomeUnknown), CallFailed (`budget`) where the budget has no
        room, and CallFailed where a repeated attempt asks for something else under the same key.
        """
        ...

    def made(self, key: str) -> bool:
        """Whether this call was made before and succeeded, so that it would not be made again."""
        ...

    def used(self, key: str) -> Usage | None:
        """What a model used for this call when it was made last, in whatever it ended; None where it used nothing."""
        ...

    async def steps(self) -> Json:
        """Do the steps that this one holds, and wait until they are over.

        Gives {id: output} of a block's steps, or the outputs of a child workflow. What succeeded in an earlier attempt
        stands. Raises BlockFailed where they failed.
        """
        ...

    def reveal(self, value: Json) -> Json:
        """The value with every secret in it: only for what is sent from inside `act`. Raises CallFailed."""
        ...

    async def sleep(self, key: str, seconds: float) -> None:
        """Wait. After a crash only what is left of the time is waited for."""
        ...

    async def sleep_until(self, key: str, when: float) -> None:
        """Wait until a time, in seconds since the epoch. Does not wait where it has passed."""
        ...

    async def ask(self, key: str, question: Question) -> Answer:
        """Wait for a person. The question outlives this process."""
        ...

    def stream(self, text: str) -> None:
        """Show text as it comes. It is kept beside the journal, not in it."""
        ...

    def log(self, text: str) -> None:
        """A line for the step's log."""
        ...
