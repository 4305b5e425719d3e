"""What any step may say beside its kind's own fields: retries, repetition over items, caching, undoing, telling;
and what a workflow says of runs that nobody attends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from workflows.definition.fields import (
    Condition,
    Count,
    Definition,
    Duration,
    Expression,
    Identifier,
    Name,
    Repeats,
    Value,
    Wait,
)
from workflows.parts import Field
from workflows.steps.kind import Fields, Finding

Backoff = Literal["immediate", "fixed", "linear", "exponential", "fibonacci", "adaptive"]
Repeatable = Literal["transient", "rate_limited", "timeout", "resource", "business", "agent", "unknown"]
"""The failure classes that may be retried (`workflows.errors.RETRYABLE`)."""

ROOTS = frozenset({"parameters", "steps", "context", "env", "secrets", "item", "run", "output", "error"})
"""The names that expressions start with."""

WORDS = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "null", "True", "False", "None"}
)
"""What means something else in an expression than a name."""


class Retry(Definition):
    """When a failed attempt is repeated. Delays are in seconds."""

    noun: ClassVar[str] = "retry"

    max_attempts: Count | None = Field(
        default=None, description="How often it is tried at most, the first try counted."
    )
    max_retries: Repeats | None = Field(
        default=None, description="How often it is repeated at most, the first try not counted."
    )
    backoff: Backoff = Field(default="exponential", description="How the delay grows from try to try.")
    delay: Wait = Field(default=1.0, description="The delay before the first repetition.")
    max_delay: Wait | None = Field(
        default=None, description="The longest delay; else a minute, or the first delay if that is longer."
    )
    jitter: bool = Field(
        default=True, description="Whether growing delays are shortened at random, so that many do not come at once."
    )
    on: tuple[Repeatable, ...] = Field(
        default=(), description="Only failures of these classes are repeated; empty: all that can be."
    )

    @property
    def attempts(self) -> int:
        """Tries in all, the first counted; 3 where the file says neither."""
        if self.max_retries is not None:
            return self.max_retries + 1
        return 3 if self.max_attempts is None else self.max_attempts

    @property
    def longest_delay(self) -> float:
        """The longest delay in seconds; a minute where the file does not say, or the first delay if that is longer."""
        return max(60.0, self.delay) if self.max_delay is None else self.max_delay

    def findings(self) -> Iterable[Finding]:
        if self.max_attempts is not None and self.max_retries is not None:
            hint = "max_attempts counts the first try, max_retries does not"
            yield Finding(("max_retries",), "conflict", "max_attempts and max_retries say the same; give one", hint)
        if self.max_delay is not None and self.max_delay < self.delay:
            yield Finding(("max_delay",), "conflict", "max_delay is shorter than delay")


class Foreach(Definition):
    """The step is done once for each item of a list."""

    noun: ClassVar[str] = "foreach"

    in_: Value = Field(key="in", description="The list, usually an expression.")
    as_: Identifier = Field(default="item", key="as", description="The name that expressions use for the item.")
    max_parallel: Count = Field(default=1, description="How many items are worked on at once.")

    def findings(self) -> Iterable[Finding]:
        if not (isinstance(self.in_, list) or (isinstance(self.in_, str) and "${{" in self.in_)):
            yield Finding(("in",), "wrong-type", "in must be a list, or an expression that gives one")
        if self.as_ != "item" and self.as_ in ROOTS | WORDS:
            yield Finding(("as",), "conflict", f"'{self.as_}' is a name that expressions have already")


class Cache(Definition):
    """The step's result is taken from an earlier run with the same key."""

    noun: ClassVar[str] = "cache"

    key: Value = Field(default=None, description="What the result depends on, besides the step's input and code.")
    max_age: Duration | None = Field(default=None, description="How old the earlier result may be.")


class Notify(Definition):
    """Somebody is told how the step ended."""

    noun: ClassVar[str] = "notify"

    channel: Name | None = Field(default=None, description="Where to: terminal, desktop, or a channel of the settings.")
    when: Literal["success", "failure", "always"] = Field(default="always", description="On which end.")
    text: Expression | None = Field(default=None, description="What is said.")


class Action(Definition):
    """A piece of work that belongs to a step and has no id: how to undo it, how to find out whether it happened."""

    noun: ClassVar[str] = "action"

    type: Name = Field(description="The kind of work.")
    when: Condition | None = Field(default=None, description="It is only done where this is true.")
    timeout: Duration | None = Field(default=None, description="The longest it may take.")
    fields: Fields


class Verify(Action):
    """How to find out whether a call whose outcome is unknown took effect. Its `output` is the verification's own.

    Without `happened` the output must say it: true or false, or an object with a boolean `happened`. Without `result`
    the call's output is the verification's, or that object's `output`.
    """

    noun: ClassVar[str] = "verification"

    happened: Condition | None = Field(
        default=None, description="A condition over `output`: whether the call took effect."
    )
    result: Value = Field(
        default=None, description="With `output`: what counts as the call's output where it took effect."
    )


class Silence(Definition):
    """What no answer means, for each reason to ask. What is not said is the careful one."""

    noun: ClassVar[str] = "default"

    approval: Literal["deny", "approve"] = Field(
        default="deny", description="Of approvals; what cannot be undone and what an agent wants to do is denied."
    )
    question: Literal["fail"] | None = Field(
        default=None, description="Of questions without a default of their own: their step fails."
    )
    intervention: Literal["abort", "skip", "roll_back"] = Field(
        default="abort", description="Of failed steps that a person is asked about."
    )
    unknown: Literal["abort", "skip"] = Field(default="abort", description="Of calls that may have happened.")
    budget: Literal["abort", "skip"] = Field(default="abort", description="Of calls for which the budget has no room.")
    changed: Literal["abort", "use_new"] = Field(
        default="abort", description="Of steps whose skill or agent changed during the run."
    )


class Unattended(Definition):
    """What happens where a person is needed in a run that nobody attends."""

    noun: ClassVar[str] = "unattended block"

    channel: Name = Field(description="Where people are told: terminal, desktop, or a channel of the settings.")
    timeout: Duration = Field(description="How long an answer is waited for; then the default is taken.")
    default: Silence = Field(default_factory=Silence, description="What no answer means, by what was asked for.")
