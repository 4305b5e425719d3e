"""What a run's new owner records first, when the last one died or stopped in the middle; and what begins a step anew
that somebody does not want to wait for. Pure, and idempotent."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.effects import Usage
from workflows.errors import Failure
from workflows.runs import events as e
from workflows.runs.state import Call, RunState, StepState

UNSEEN = ", and nobody saw how it ended."
AGAIN = "; it can be made again safely."
"""What is said of calls that ended because something else did, after what that was."""


def was_cut_off(failure: Failure) -> bool:
    """Whether a call failed only because something else ended it."""
    return failure.message.endswith((UNSEEN, AGAIN))


def close_open_work(state: RunState, why: str) -> tuple[e.Event, ...]:
    """Events after which no call and no attempt is open any more.

    A call that was under way and is pure or idempotent may be made again, with the same key. An unsafe one is unknown:
    a person is asked. Attempts end as interrupted, which does not count as a try.
    """
    return tuple(event for step in state.steps.values() if not step.over for event in close_step(step, why))


def close_step(step: StepState, why: str, *, interrupted: bool = True) -> Iterator[e.Event]:
    """The same for one step."""
    unsure = step.in_doubt is not None
    for call in step.calls.values():
        if call.status == "started":
            yield close_call(step.id, call, why)
            unsure = unsure or call.effect == "unsafe"
    if step.last and step.last.status == "started":
        failure = Failure("unknown" if unsure else "transient", why)
        yield e.AttemptFinished(step.id, step.last.n, "unknown" if unsure else "cancelled", failure, interrupted)


def close_call(step: str, call: Call, why: str) -> e.CallFailed:
    """The end of a call that nobody saw the end of. What it cost, if a model was asked, is not known."""
    usage = Usage(call.model) if call.model else None
    if call.effect == "unsafe":
        failure = Failure("unknown", f"{why}{UNSEEN}")
        return e.CallFailed(step, call.key, "unknown", failure, usage)
    failure = Failure("transient", f"{why}{AGAIN}")
    return e.CallFailed(step, call.key, "interrupted", failure, usage)


def can_hurry(state: RunState, step: StepState | None, now: float) -> bool:
    """Whether a step waits for the time of its next try, or is in the middle of one that can be begun anew.

    What waits for a person waits for them, and what holds others is as quick as those.
    """
    if step is None or step.over or step.planned.holds_steps or step.in_doubt is not None:
        return False
    if any(state.inquiries[entry].open for entry in step.inquiries):
        return False
    return _counts_down(step, now) or (step.last is not None and step.last.status == "started")


def _counts_down(step: StepState, now: float) -> bool:
    return step.retry_at is not None and step.retry_at > now


def sooner(step: StepState, by: str, now: float) -> tuple[e.Event, ...]:
    """The events after which it goes on at once. What was under way in it is stopped by then.

    A try that was begun anew ends as cut off: it counts as none, and makes no finished call again. An unsafe call that
    it was in the middle of is in doubt, and a person is asked.
    """
    who = by or "a person"
    if _counts_down(step, now):
        return (e.RetryScheduled(step.id, now, f"{who} did not want to wait"),)
    return tuple(close_step(step, f"{who} had it begun anew"))
