"""What can go wrong, in words that history, screens and exit codes share."""

from __future__ import annotations

from typing import Literal

from workflows.effects import Usage
from workflows.records import dataclass
from workflows.values import Json

FailureClass = Literal[
    "transient",  # may pass by itself: transport, overload, 5xx
    "rate_limited",  # transient, and the other side said when to come back
    "timeout",  # our own deadline
    "authentication",  # a key is missing or refused: never retried
    "validation",  # the input or the answer is wrong: never retried
    "resource",  # no disk, no memory, a limit
    "dependency",  # something this needs is missing: a program, a model, a file
    "business",  # the work itself said no: exit 1, a failed test
    "denied",  # a person or a rule said no: final
    "budget",  # the run's budget has no room for a model call: never retried
    "agent",  # a model answered, but not with what was asked for
    "unknown",  # nobody can say
]

Then = Literal["", "abort", "continue", "rollback", "compensate", "end", "first", "cancel"]
"""What a failure leads to. abort: the block around it fails. rollback, compensate: the workflow undoes what was done,
with or without its `rollback` steps, and fails. end: the whole run fails. first: enough that one succeeded."""

RETRYABLE: frozenset[str] = frozenset(
    {"transient", "rate_limited", "timeout", "resource", "business", "agent", "unknown"}
)
"""Classes that a step's `retry` may repeat. Authentication, validation, dependency and denied never are."""


@dataclass(frozen=True)
class Failure:
    """Why a call, an attempt or a step failed.

    `message` is one sentence for a person; `hint` says what to do next; `detail` is data for tools and history
    (such as an exit code); `retry_after` is in seconds, as the other side asked. `name` is the class of the exception
    that was raised, where a skill raised one of its own: error handlers can be written for it.
    """

    kind: FailureClass
    message: str
    hint: str = ""
    detail: Json = None
    retry_after: float | None = None
    name: str = ""

    @property
    def retryable(self) -> bool:
        return self.kind in RETRYABLE


class UnderstudyError(Exception):
    """A mistake or mishap that a person can act on. `hint` says what to do next. Never shown as a traceback."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CallFailed(UnderstudyError):
    """A call ended and is known to have failed. Raised by handlers, models and skills; journalled as its failure.

    `usage` is what it cost all the same: a useless answer is paid for too.
    """

    def __init__(self, failure: Failure, usage: Usage | None = None) -> None:
        super().__init__(failure.message, failure.hint)
        self.failure = failure
        self.usage = usage


class OutcomeUnknown(UnderstudyError):
    """A call was started and nobody can say whether it took effect: killed, timed out, connection lost.

    The engine treats it as a failure where the call's effect is pure or idempotent; an unsafe call waits for a person.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message, failure.hint)
        self.failure = failure


class OverBudget(CallFailed):
    """The run's budget has no room for a model call, or nobody knows what it costs. It was not made."""


class BlockFailed(CallFailed):
    """The steps that a step holds failed. `then` says where that leads, beyond the step's own `on_failure`."""

    def __init__(self, failure: Failure, then: Then = "") -> None:
        super().__init__(failure)
        self.then = then


def fail(kind: FailureClass, message: str, hint: str = "", **detail: Json) -> CallFailed:
    """Shorthand for `raise fail("business", "exit 1", exit=1)`."""
    return CallFailed(Failure(kind, message, hint, detail or None))
