"""decide(state, step): what to do next with one step, from its record alone. Pure.

This is the order of failure, in one place: retry, then the understudies, then what `on_failure` says, then a person.
The same function drives a run that never stopped and one that is resumed after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workflows.engine.backoff import MOST_ASKED, wait_before
from workflows.engine.choices import entry_id, intervention, unknown_outcome
from workflows.engine.scope import evaluate, holds
from workflows.errors import Failure
from workflows.expressions import ExpressionError
from workflows.planning.plan import PlannedStep
from workflows.runs import events as e
from workflows.runs.state import Attempt, Inquiry, RunState, StepState


@dataclass(frozen=True)
class Surroundings:
    """What a decision needs besides the record: the time, a random number in [0, 1), the digest of today's code."""

    now: float
    random: float
    code: Callable[[str], str]
    """The digest that `skill:name` or `agent:name` has now; empty where it is not there."""


@dataclass(frozen=True)
class Gate:
    """Show a person what the step is about to do, and ask."""

    step: str


@dataclass(frozen=True)
class Perform:
    """Start try `n`. `approved` is the entry to be checked against what would be shown now, and used up."""

    step: str
    n: int
    performer: str
    digest: str
    approved: str = ""
    check: bool = False


@dataclass(frozen=True)
class Wait:
    """Nothing before this time (seconds since the epoch)."""

    step: str
    until: float


Action = Gate | Perform | Wait


@dataclass(frozen=True)
class Decision:
    """Events to record, and then an action; neither means that the step waits for something else."""

    events: tuple[e.Event, ...] = ()
    action: Action | None = None


NOTHING = Decision()


def begin(state: RunState, planned: PlannedStep) -> tuple[e.Event, ...]:
    """The first events of a step that is ready: skipped, started with its input evaluated, or failed to evaluate."""
    try:
        if planned.when and not holds(state, planned.when):
            return (e.StepSkipped(planned.id, f"its condition is false: {planned.when}"),)
        return (e.StepStarted(planned.id, evaluate(state, planned.fields)),)
    except ExpressionError as error:
        failure = Failure("validation", f"{planned.id}: {error.message}", error.hint)
        return (e.StepStarted(planned.id, None), give_up(state, planned, failure))


def decide(state: RunState, planned: PlannedStep, around: Surroundings) -> Decision:
    """What to do next with a step that has started, is not over and has nothing under way."""
    step = state.steps[planned.id]
    if step.over or step.status == "pending" or any(state.inquiries[entry].open for entry in step.inquiries):
        return NOTHING
    last = step.last
    failure = (last and last.failure) or Failure("unknown", "The attempt ended without saying why.")
    if last and last.status == "unknown" and step.retry_at is None:
        return Decision((unknown_outcome(state, planned, failure),))
    if last is None or _may_start(step, last):
        return _start(state, planned, step, around)
    return Decision(_recover(state, planned, step, failure, around))


def _may_start(step: StepState, last: Attempt) -> bool:
    """A try after one that a stop cut off, one that is due, or the first of an understudy or with an edited input.

    A try that succeeded and left the step open was cut off between two records: the next one replays its calls.
    """
    return last.interrupted or last.status == "succeeded" or step.retry_at is not None or tries_of(step) == 0


def tries_of(step: StepState) -> int:
    """Tries that count: since the last understudy or edit, and not cut off by a stop."""
    return sum(attempt.counts for attempt in step.attempts) - step.retry_base


def _start(state: RunState, planned: PlannedStep, step: StepState, around: Surroundings) -> Decision:
    if step.retry_at is not None and step.retry_at > around.now:
        return Decision(action=Wait(planned.id, step.retry_at))
    performer = planned.performers[step.performer]
    use = planned.uses[step.performer] if step.performer < len(planned.uses) else None
    digest = around.code(use.reference) if use else ""
    if use and digest != state.digests.get(use.reference, digest):
        return Decision((_changed(state, planned, use.reference, digest),))
    n = len(step.attempts) + 1
    if not planned.approve:
        return Decision(action=Perform(planned.id, n, performer, digest))
    approval = approval_for(state, step)
    if approval is None:
        return Decision(action=Gate(planned.id))
    return Decision(action=Perform(planned.id, n, performer, digest, approval.asked.entry, check=not approval.used))


def approval_for(state: RunState, step: StepState) -> Inquiry | None:
    """The approval that the next attempt may use: given for this input, and not yet used by an attempt that failed."""
    for entry in reversed(step.inquiries):
        inquiry = state.inquiries[entry]
        if inquiry.asked.reason != "approval" or inquiry.asked.key != "gate":
            continue
        answer = inquiry.answer
        if answer is None or answer.choice != "approve" or inquiry.voided or inquiry.generation != step.generation:
            return None
        last = step.last
        carried_on = last is not None and last.approval == entry and (last.interrupted or last.status == "unknown")
        return inquiry if not inquiry.used or carried_on else None
    return None


def _recover(
    state: RunState, planned: PlannedStep, step: StepState, failure: Failure, around: Surroundings
) -> tuple[e.Event, ...]:
    if failure.kind == "denied":
        return (give_up(state, planned, failure),)
    last = step.last
    tries = tries_of(step)
    policy = planned.retry
    if tries < policy.attempts:
        reason = _no_retry(planned, step, failure)
        if not reason:
            wait = wait_before(policy, tries, failure, around.random)
            why = f"try {tries + 1} of {policy.attempts} in {wait:.1f} s ({policy.backoff}): {failure.message}"
            return (e.RetryScheduled(planned.id, around.now + wait, why),)
    if step.performer + 1 < len(planned.performers):
        taking_over = planned.performers[step.performer + 1]
        why = f"{last.performer if last else planned.id} failed: {failure.message}"
        return (e.FallbackTaken(planned.id, taking_over, planned.performers[step.performer], why),)
    policy_word = planned.on_failure or ("ask" if state.attended else "abort")
    if policy_word == "ask":
        return (intervention(state, planned, failure),)
    return (give_up(state, planned, failure),)


def _no_retry(planned: PlannedStep, step: StepState, failure: Failure) -> str:
    """Why this failure is not retried although tries are left; empty where it may be."""
    if not failure.retryable:
        return f"{failure.kind} failures are not retried"
    if planned.retry.classes and failure.kind not in planned.retry.classes:
        return f"the step retries only {', '.join(planned.retry.classes)}"
    if (failure.retry_after or 0) > MOST_ASKED:
        return f"asked to come back in {failure.retry_after:.0f} s"
    if step.last and step.last.status == "failed" and not step.last.failed_call and step.calls:
        # All its calls are done and would not be made again, so another try would come to the same end.
        return "nothing in it would go differently"
    return ""


def give_up(state: RunState, planned: PlannedStep, failure: Failure) -> e.Event:
    """The step's end after a failure that nothing cured, as `on_failure` says."""
    if planned.on_failure == "skip":
        return e.StepSkipped(planned.id, f"it failed: {failure.message}")
    return e.StepFinished(
        planned.id, "failed", failure=failure, then="continue" if planned.on_failure == "continue" else "abort"
    )


def _changed(state: RunState, planned: PlannedStep, reference: str, digest: str) -> e.Asked:
    title = f"{reference} changed since this run began"
    body = "The run began with another version. Nothing has been run with the new one."
    if not digest:
        title = f"{reference} is not there any more, or cannot be used"
        body = "It was there when the run began. Put it back or mend it (`understudy skills`, `understudy agents`)."
    return e.Asked(
        entry=entry_id(state, planned.id),
        step=planned.id,
        key="changed",
        reason="changed",
        title=title,
        body=body,
        facts={"code": reference, "began with": state.digests.get(reference, "")[:12], "now": digest[:12] or "–"},
        choices=("use_new", "abort"),
        digest=digest,
    )


def conclude(state: RunState) -> e.RunFinished | None:
    """The run's end, where it has come to one: a step's failure ended it, or every step is over."""
    if state.aborting:
        return e.RunFinished("failed", failure=state.steps[state.aborting].failure)
    if not state.all_over:
        return None
    try:
        return e.RunFinished("succeeded", outputs=evaluate(state, dict(state.plan.outputs)))
    except ExpressionError as error:
        return e.RunFinished("failed", failure=Failure("validation", f"outputs: {error.message}", error.hint))
