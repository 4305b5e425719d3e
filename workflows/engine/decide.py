"""decide(state, step): what to do next with one step, from its record alone. Pure.

This is the order of failure, in one place: retry, then the understudies, then the error handlers, then what
`on_failure` says, then a person. The same function drives a run that never stopped and one that is resumed after a
crash. What a failed step leads to around it (undoing, rolling back) is `unwind.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from workflows.definition.parameters import Parameter, bind
from workflows.engine.asking import held_by_people
from workflows.engine.backoff import MOST_ASKED, learned_wait, wait_before
from workflows.engine.backoff import why as why_wait
from workflows.engine.budget import over_budget, stands_back
from workflows.engine.choices import entry_id, intervention, unknown_outcome
from workflows.engine.handlers import after_handler, take_handler
from workflows.engine.replays import only_replays
from workflows.engine.scope import evaluate, fields_of, holds
from workflows.errors import Failure, Then, UnderstudyError
from workflows.expressions import ExpressionError
from workflows.journal.port import Recovery
from workflows.parts import part_of
from workflows.planning.plan import Plan
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import Attempt, Inquiry, RunState, StepState
from workflows.runs.tree import held_by
from workflows.values import Json


@dataclass(frozen=True)
class Surroundings:
    """What a decision needs besides the record: the time, a random number in [0, 1), the digest of today's code."""

    now: float
    random: float
    code: Callable[[str], str]
    """The digest that `skill:name` or `agent:name` has now; empty where it is not there."""
    history: Callable[[str], Sequence[Recovery]] = lambda performer: ()
    """How it went before when this performer tried again after a failure."""
    choose: Callable[[StepState], tuple[str, str]] = lambda step: (step.planned.performers[0], "")
    """Which of several equal performers takes a step, and why."""


@dataclass(frozen=True)
class Gate:
    """Show a person what the step is about to do, and ask."""

    step: str


@dataclass(frozen=True)
class Perform:
    """Start try `n`. `approved` is the approval that it uses up, `recheck` whether that is first compared with what
    would be shown now. One that has `begun` is recorded and has its place."""

    step: str
    n: int
    performer: str
    digest: str
    approved: str = ""
    recheck: bool = False
    begun: bool = False


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
UNSAID = Failure("unknown", "The attempt ended without saying why.")

MOST_VERIFIED = 3
"""How many tries there are at least of a call that was lost, and that its verification says did not happen."""


def begin(state: RunState, step: StepState, attempt: int = 0) -> tuple[e.Event, ...]:
    """The first events of a step that is ready: skipped, started with its input evaluated, or failed to evaluate.

    `attempt` is the try that it starts with, where it does at once.
    """
    planned = step.planned
    try:
        if planned.when and not holds(state, planned.when, step):
            return (e.StepSkipped(step.id, f"its condition is false: {planned.when}"),)
        return (e.StepStarted(step.id, _input(state, step), attempt),)
    except ExpressionError as error:
        failure = Failure("validation", f"{step.id}: {error.message}", error.hint)
    except UnderstudyError as error:
        failure = Failure("validation", f"{step.id}: {error.message}", error.hint)
    n = len(step.attempts) + 1
    started, ended = e.AttemptStarted(step.id, n), e.AttemptFinished(step.id, n, "failed", failure)
    return (e.StepStarted(step.id, None), started, ended)


def begins_at_once(step: StepState) -> bool:
    """Whether the step begins with its first try: nobody in particular makes it, and nobody is asked before."""
    planned = step.planned
    unused = planned.holds_steps or not planned.uses
    return unused and not step.attempts and planned.performers == ("",) and not planned.approve


def _input(state: RunState, step: StepState) -> Json:
    """What the step is given; for one that holds others, what they are made from."""
    planned = step.planned
    if planned.each is not None:
        items = evaluate(state, planned.each.over, step)
        if items is not None and not isinstance(items, list):
            raise UnderstudyError(
                "what `foreach` goes through must be a list", "Make `in` an expression that gives one."
            )
        return {"items": items or []}
    given = fields_of(state, step)
    if planned.inside:
        chosen = [
            number for number, block in enumerate(planned.inside) if not block.when or holds(state, block.when, step)
        ]
        return {**given, "branch": chosen[0] if chosen else None}
    if planned.child is not None:
        return {**given, "parameters": _bound(planned.child, given.get("parameters") or {})}
    return given


def _bound(plan: Plan, given: Json) -> Json:
    return bind([part_of(Parameter, each) for each in plan.parameters], given)


def decide(state: RunState, step: StepState, around: Surroundings) -> Decision:
    """What to do next with a step that has started, is not over and has nothing under way."""
    decision = _decide(state, step, around)
    if state.attended or not any(type(event) is e.Asked for event in decision.events):
        return decision
    from workflows.engine.silence import bounded  # most runs ask nobody

    events = (bounded(state, event, around.now) if isinstance(event, e.Asked) else event for event in decision.events)
    return replace(decision, events=tuple(events))


def _decide(state: RunState, step: StepState, around: Surroundings) -> Decision:
    if step.over or step.status == "pending" or held_by_people(state, step):
        return NOTHING
    held = held_by(state, step)
    about = [scope for scope in held if scope.name != step.id] if held else ()
    if about and any(scope.open for scope in about):
        return NOTHING  # a handler works on its failure, or it is being found out whether it happened
    last = step.last
    failure = (last and last.failure) or UNSAID
    if about and any(scope.then == "end" for scope in about):
        return Decision((e.StepFinished(step.id, "failed", failure=failure, then="end"),))
    if step.in_doubt is not None:
        return Decision(_settle(state, step, failure, around))
    if (too_dear := stands_back(step)) is not None:
        return Decision((over_budget(state, step, too_dear, entry_id(state, step.id)),))
    if last is None or _may_start(step, last):
        return _start(state, step, around)
    return Decision(_recover(state, step, failure, around))


def _may_start(step: StepState, last: Attempt) -> bool:
    """A try after one that a stop cut off, one that is due, or the first of an understudy or with an edited input.

    A try that succeeded and left the step open was cut off between two records: the next one replays its calls.
    """
    return last.interrupted or last.status == "succeeded" or step.retry_at is not None or tries_of(step) == 0


def tries_of(step: StepState) -> int:
    """Tries that count: since the last understudy or edit, and not cut off by a stop."""
    return sum(attempt.counts for attempt in step.attempts) - step.retry_base


def _start(state: RunState, step: StepState, around: Surroundings) -> Decision:
    planned = step.planned
    if step.retry_at is not None and step.retry_at > around.now:
        return Decision(action=Wait(step.id, step.retry_at))
    if planned.equals > 1 and not step.chosen and not planned.holds_steps:
        performer, why = around.choose(step)
        return Decision((e.PerformerChosen(step.id, performer, why),))
    performer = planned.performers[step.performer]
    digest = ""
    if not planned.holds_steps and step.performer < len(planned.uses):
        reference = planned.uses[step.performer].reference
        digest = around.code(reference)
        if digest != state.digests.get(reference, digest):
            return Decision((_changed(state, step, reference, digest),))
    n = len(step.attempts) + 1
    if not planned.approve:
        return Decision(action=Perform(step.id, n, performer, digest))
    approval = approval_for(state, step)
    if approval is None:
        return Decision(action=Gate(step.id))
    # Where nothing was done yet with an approval that was used, what it is bound to may have changed since.
    recheck = not (approval.used and step.live_calls)
    return Decision(action=Perform(step.id, n, performer, digest, approval.asked.entry, recheck))


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


def _settle(state: RunState, step: StepState, failure: Failure, around: Surroundings) -> tuple[e.Event, ...]:
    """A call may or may not have taken effect: what `verify` finds out counts, and where it cannot tell, a person."""
    verify, call, last = step.planned.verify, step.in_doubt, step.last
    assert call is not None
    assert last is not None
    if state.scopes[step.scope].kind == "notify":
        return (e.StepFinished(step.id, "failed", failure=failure, then="continue"),)  # nobody is asked about a message
    if verify is None:
        return (unknown_outcome(state, step, failure),)
    name = f"{step.id}~verify"
    scope, about = state.scopes.get(name), {"attempt": last.n, "call": call.key}
    if scope is None or {"call": call.key, **scope.data} != about:
        return (e.ScopeOpened(step.id, name, "verify", about),)
    probe = state.steps[name]
    found = _found(state, step, probe.output) if probe.status == "succeeded" else None
    if found is None:
        return (unknown_outcome(state, step, failure),)
    happened, output = found
    why = "verified: it " + ("happened" if happened else "did not happen")
    settled = e.CallSettled(step.id, call.key, not happened, output if happened else None, "verify")
    tries, policy = tries_of(step), step.planned.retry
    if not happened and tries >= max(policy.attempts, MOST_VERIFIED):
        return (settled,)  # by now a failure like any other
    wait = 0.0 if happened or tries < 2 else wait_before(policy, tries, failure, around.random)
    return (settled, e.RetryScheduled(step.id, around.now + wait, why))


def _found(state: RunState, step: StepState, output: Json) -> tuple[bool, Json] | None:
    """Whether the call in doubt happened, and what counts as its output; None where the probe cannot tell."""
    verify = step.planned.verify
    assert verify is not None
    told = output.get("happened") if isinstance(output, dict) else output
    result = output.get("output", output) if isinstance(output, dict) and "happened" in output else output
    try:
        if verify.happened:
            told = holds(state, verify.happened, step, {"output": output})
        if verify.result is not None:
            result = evaluate(state, verify.result, step, {"output": output})
    except ExpressionError:
        return None
    return (told, result) if isinstance(told, bool) else None


def _recover(state: RunState, step: StepState, failure: Failure, around: Surroundings) -> tuple[e.Event, ...]:
    if failure.kind == "denied":
        return (give_up(state, step, failure),)
    planned, last = step.planned, step.last
    tries = tries_of(step)
    policy = planned.retry
    if tries < policy.attempts and not _no_retry(state, step, failure):
        history = around.history(planned.performers[step.performer])
        wait = wait_before(policy, tries, failure, around.random, learned_wait(history, failure.kind))
        how = why_wait(policy, history, failure.kind)
        why = f"try {tries + 1} of {policy.attempts} in {wait:.1f} s ({how}): {failure.message}"
        return (e.RetryScheduled(step.id, around.now + wait, why),)
    next_one = max(step.performer + 1, planned.equals)
    if next_one < len(planned.performers) and not planned.holds_steps:
        taking_over = planned.performers[next_one]
        why = f"{last.performer if last else step.id} failed: {failure.message}"
        return (e.FallbackTaken(step.id, taking_over, planned.performers[step.performer], why),)
    if last is not None and step.handled and step.handled[-1].attempt == last.n:
        return after_handler(state, step, failure, around.now, around.random) or (
            without_handler(state, step, failure),
        )
    return take_handler(state, step, failure) or (without_handler(state, step, failure),)


def without_handler(state: RunState, step: StepState, failure: Failure) -> e.Event:
    """What follows a failure that nothing cured: `on_failure`, or else a person where one is there."""
    if policy_word(state, step) == "ask":
        return intervention(state, step, failure)
    return give_up(state, step, failure)


def policy_word(state: RunState, step: StepState) -> str:
    """What follows a failure of this step: `on_failure`, and what is usual where the file does not say.

    Whoever just changed the step's input is there, and is asked again. What holds other steps passes their failure on:
    a person was asked about those. What is done about a failure must not add another one. Who set a budget that aborts
    does not want to be asked.
    """
    if _just_edited(state, step):
        return "ask"
    if step.planned.on_failure:
        return step.planned.on_failure
    kind = state.scopes[step.scope].kind
    if step.planned.holds_steps or kind in ("verify", "notify"):
        return "abort" if step.planned.holds_steps else "continue"
    if state.attended and not (step.failure and step.failure.kind == "budget"):
        return "ask"
    return "continue" if kind == "undo" else "abort"


def _just_edited(state: RunState, step: StepState) -> bool:
    """Whether a person's last answer about the step was another input for it."""
    answers = [answer for entry in step.inquiries if (answer := state.inquiries[entry].answer) is not None]
    return bool(answers) and answers[-1].choice == "edit"


def _no_retry(state: RunState, step: StepState, failure: Failure) -> str:
    """Why this failure is not retried although tries are left; empty where it may be."""
    if not failure.retryable:
        return f"{failure.kind} failures are not retried"
    if step.planned.retry.classes and failure.kind not in step.planned.retry.classes:
        return f"the step retries only {', '.join(step.planned.retry.classes)}"
    if (failure.retry_after or 0) > MOST_ASKED:
        return f"asked to come back in {failure.retry_after:.0f} s"
    if only_replays(state, step):
        return "nothing in it would go differently"
    return ""


def give_up(state: RunState, step: StepState, failure: Failure) -> e.Event:
    """The step's end after a failure that nothing cured, as `on_failure` says. An undo keeps no other from its turn."""
    word = policy_word(state, step)
    if word == "ask" and state.scopes[step.scope].kind == "undo":
        word = "continue"
    if word == "skip":
        return e.StepSkipped(step.id, f"it failed: {failure.message}")
    then: Then = "continue" if word == "continue" else "rollback" if word == "rollback" else "abort"
    return e.StepFinished(step.id, "failed", failure=failure, then=then)


def _changed(state: RunState, step: StepState, reference: str, digest: str) -> e.Asked:
    title = f"{reference} changed since this run began"
    body = "The run began with another version. Nothing has been run with the new one."
    if not digest:
        title = f"{reference} is not there any more, or cannot be used"
        body = "It was there when the run began. Put it back or mend it (`understudy skills`, `understudy agents`)."
    return e.Asked(
        entry=entry_id(state, step.id),
        step=step.id,
        key="changed",
        reason="changed",
        title=title,
        body=body,
        facts={"code": reference, "began with": state.digests.get(reference, "")[:12], "now": digest[:12] or "–"},
        choices=("use_new", "abort"),
        digest=digest,
    )
