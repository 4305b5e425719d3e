"""reduce(state, recorded): what a run is after one more event. Pure, total, and the only writer of run state.

The counts that it keeps on the way, and what holds a step moving as that does, are in `changes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows.errors import Failure
from workflows.planning.reading import plan_from_json
from workflows.records import changed, write
from workflows.runs import events as e
from workflows.runs.changes import (
    afresh,
    counted,
    draft_of,
    first_is_enough,
    move_owner,
    put_all,
    put_inquiry,
    put_scope,
    set_aside,
    set_inquiry,
    set_scope,
    set_step,
)
from workflows.runs.course import (
    request_taken,
    run_admitted,
    run_continued,
    run_interrupted,
    run_paused,
    run_queued,
    run_resumed,
)
from workflows.runs.front import front_of
from workflows.runs.permits import pattern_allowed, pattern_revoked
from workflows.runs.purse import budget_raised, opened
from workflows.runs.reduce_calls import call_failed, call_finished, call_settled, call_started, given
from workflows.runs.scopes import block, scope_aborted, scope_closed, scope_opened
from workflows.runs.state import (
    Attempt,
    AttemptStatus,
    Handled,
    Inquiry,
    Reused,
    RunState,
    Scope,
    StepState,
    empty,
)
from workflows.values import Json


def reduce(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after the event. Raises ValueError where the event does not follow the state's last one."""
    draft = draft_of(state)
    fold(draft, recorded)
    return draft


def replay(run_id: str, journal: Iterable[e.Recorded], known: RunState | None = None) -> RunState:
    """The state that a whole journal comes to, or what follows a state that is known."""
    draft = draft_of(known or RunState(run_id))
    for recorded in journal:
        fold(draft, recorded)
    return draft


def fold(draft: RunState, recorded: e.Recorded) -> None:
    """Make of a draft (`draft_of`) what the event makes of it. Raises ValueError as `reduce` does; what is left of the
    draft then is nothing."""
    event, at, seq = recorded.event, recorded.at, recorded.seq
    own = draft.__dict__  # written to at once: this is done for every event
    if seq != own["seq"] + 1:
        raise ValueError(f"event {seq} does not follow event {own['seq']}")
    before = own["updated"]
    moved = at > before and own["status"] == "running" and type(event) is not e.RunResumed
    _REDUCERS[type(event)](draft, event, at)
    own["seq"] = seq
    own["updated"] = at
    if moved:
        own["at_work"] += at - before


def _run_started(draft: RunState, event: e.RunStarted, at: float) -> None:
    plan = plan_from_json(event.plan)
    write(
        draft,
        status="running",
        workflow=event.workflow,
        title=event.title,
        source=event.source,
        parameters=event.parameters,
        root=event.root,
        plan=plan,
        digests=event.digests,
        environment=event.environment,
        attended=event.attended,
        simulated=event.simulated,
        nonce=event.nonce,
        forked_from=event.forked_from,
        fork_at=event.fork_at,
        fresh=event.fresh,
        priority=event.priority,
        after=tuple(event.after),
        version=event.published,
        cause=event.cause,
        steps={step.id: StepState(step.id, step, draft=draft.draft) for step in plan.steps},
        counts={"pending": len(plan.steps)},
        started=at,
        purses=opened(draft.purses, "", plan.budget),
    )
    top = Scope("", stages=plan.stages, plan=plan, block=plan, parameters=event.parameters, counts=draft.counts)
    put_scope(draft, changed(top, front=front_of(top, draft.steps)))


def _run_finished(draft: RunState, event: e.RunFinished, at: float) -> None:
    block(draft, [step for step in draft.steps.values() if step.status == "pending"])
    write(draft, status=event.status, outputs=event.outputs, failure=event.failure, ended=at)


def _step_started(draft: RunState, event: e.StepStarted, at: float) -> None:
    """A step that is done again with another input than before does so as if a person had changed it."""
    step = draft.steps[event.step]
    if step.attempts and step.input != event.input:
        _input_edited(draft, e.InputEdited(event.step, event.input), at)
    attempts = step.attempts
    if event.attempt:
        attempts = (*attempts, Attempt(event.attempt, "", step.generation, "started", at))
    set_step(draft, event.step, status="running", input=event.input, started=at, attempts=attempts)


def _step_skipped(draft: RunState, event: e.StepSkipped, at: float) -> None:
    set_step(
        draft, event.step, status="skipped", why=event.why, output=None, failure=None, ended=at, ended_at=draft.seq + 1
    )


def _step_finished(draft: RunState, event: e.StepFinished, at: float) -> None:
    step = draft.steps[event.step]
    set_step(
        draft,
        event.step,
        status=event.status,
        output=event.output,
        failure=event.failure,
        then=event.then,
        cached_from=event.cached_from,
        saved=event.spent if event.cached_from else None,
        retry_at=None,
        ended=at,
        ended_at=draft.seq + 1,
        attempts=_ended(step, event.attempt, at, "succeeded") if event.attempt else step.attempts,
        calls={**step.calls, event.call: given(draft, event, at)} if event.call else step.calls,
    )
    scope = draft.scopes[step.scope]
    ends = event.status == "failed" and event.then not in ("", "continue") and not scope.aborting
    if ends and (event.then != "abort" or not first_is_enough(draft, scope)):
        # Where the first to succeed is enough, a failure ends the block only if it goes further than the block.
        set_scope(draft, scope.name, aborting=True, aborted_by=event.step, then=event.then, failure=event.failure)
    undone = event.step.removesuffix("~undo")
    if scope.kind == "undo" and event.status == "succeeded" and undone in draft.steps:
        set_step(draft, undone, status="undone")


def _step_reused(draft: RunState, event: e.StepReused, at: float) -> None:
    set_step(
        draft,
        event.step,
        status=event.status,
        input=event.input,
        output=event.output,
        failure=event.failure,
        then=event.then,
        why=event.why,
        performer=event.performer,
        reused=Reused(event.run, event.spent, event.models, event.by),
        ended=at,
        ended_at=draft.seq + 1,
    )


def _steps_reset(draft: RunState, event: e.StepsReset, at: float) -> None:
    put_all(draft, [afresh(draft.steps[name]) for name in event.steps])


def _noted(draft: RunState, event: e.Noted, at: float) -> None:
    """For people: nothing follows from it."""


def _handler_taken(draft: RunState, event: e.HandlerTaken, at: float) -> None:
    step = draft.steps[event.step]
    handled = Handled(event.handler, event.action, step.last.n if step.last else 0)
    set_step(draft, event.step, status="running", handled=(*step.handled, handled), why=event.why)


def _with_nulls(before: Json, given: Json) -> Json:
    """What a person leaves out of an input is null, as it was."""
    if not isinstance(before, dict) or not isinstance(given, dict):
        return given
    return {**{name: None for name, value in before.items() if value is None}, **given}


def _input_edited(draft: RunState, event: e.InputEdited, at: float) -> None:
    """What was called with the old input counts no more, so the generation rises and the calls are set aside."""
    step = draft.steps[event.step]
    set_step(
        draft,
        event.step,
        input=_with_nulls(step.input, event.input),
        generation=step.generation + 1,
        calls=set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=counted(step),
    )


def _attempt_started(draft: RunState, event: e.AttemptStarted, at: float) -> None:
    step = draft.steps[event.step]
    attempt = Attempt(event.n, event.performer, step.generation, "started", at, event.digest, event.approval)
    if event.approval:
        set_inquiry(draft, event.approval, used=True)
    set_step(draft, event.step, status="running", attempts=(*step.attempts, attempt), retry_at=None)
    # What it holds may have waited all the time while nobody owned the run.
    if event.step in draft.scopes:
        move_owner(draft, event.step)


def _attempt_finished(draft: RunState, event: e.AttemptFinished, at: float) -> None:
    attempts = _ended(draft.steps[event.step], event.n, at, event.status, event.failure, event.interrupted)
    set_step(draft, event.step, attempts=attempts, failure=event.failure)


def _ended(
    step: StepState,
    n: int,
    at: float,
    status: AttemptStatus,
    failure: Failure | None = None,
    interrupted: bool = False,
) -> tuple[Attempt, ...]:
    """The step's tries when the one with this number is over."""
    failed = [call.key for call in step.calls.values() if call.attempt == n and call.status in _BAD]
    more = {"failure": failure, "interrupted": interrupted, "failed_call": failed[-1] if failed else ""}
    attempts = step.attempts
    return tuple(changed(each, status=status, ended=at, **more) if each.n == n else each for each in attempts)


_BAD = ("failed", "unknown", "interrupted")


def _retry_scheduled(draft: RunState, event: e.RetryScheduled, at: float) -> None:
    set_step(draft, event.step, status="waiting", retry_at=event.at, why=event.why)


def _performer_chosen(draft: RunState, event: e.PerformerChosen, at: float) -> None:
    index = draft.steps[event.step].planned.performers.index(event.performer)
    set_step(draft, event.step, performer=index, chosen=True)


def _fallback_taken(draft: RunState, event: e.FallbackTaken, at: float) -> None:
    """Another performer starts from nothing: what its predecessor was told or allowed is not its own."""
    step = draft.steps[event.step]
    performers = step.planned.performers
    after = performers[step.performer + 1 :]
    known = performers.index(event.performer) if event.performer in performers else 0
    index = step.performer + 1 + after.index(event.performer) if event.performer in after else known
    set_step(
        draft,
        event.step,
        performer=index,
        generation=step.generation + 1,
        why=event.why,
        calls=set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=counted(step),
    )


def _timer_set(draft: RunState, event: e.TimerSet, at: float) -> None:
    set_step(draft, event.step, timers={**draft.steps[event.step].timers, event.key: event.until})


def _asked(draft: RunState, event: e.Asked, at: float) -> None:
    step = draft.steps[event.step]
    inquiry = Inquiry(event, at, step.generation, step.attempts[-1].n if step.attempts else 0)
    put_inquiry(draft, inquiry)
    set_step(draft, event.step, status="waiting", inquiries=(*step.inquiries, event.entry))


def _answered(draft: RunState, event: e.Answered, at: float) -> None:
    step = draft.inquiries[event.entry].asked.step
    set_inquiry(draft, event.entry, answer=event, answered_at=at)
    set_step(draft, step, status="running")


def _approval_voided(draft: RunState, event: e.ApprovalVoided, at: float) -> None:
    set_inquiry(draft, event.entry, voided=event.why)


def _person_told(draft: RunState, event: e.PersonTold, at: float) -> None:
    set_inquiry(draft, event.entry, told=event)


def _code_accepted(draft: RunState, event: e.CodeAccepted, at: float) -> None:
    write(draft, digests={**draft.digests, event.name: event.digest})


def _price_given(draft: RunState, event: e.PriceGiven, at: float) -> None:
    write(draft, prices={**draft.prices, event.model: event.usd})


_REDUCERS: Mapping[type[e.Event], Callable[[RunState, Any, float], None]] = {
    e.RunStarted: _run_started,
    e.RunQueued: run_queued,
    e.RunAdmitted: run_admitted,
    e.RunResumed: run_resumed,
    e.RunPaused: run_paused,
    e.RequestTaken: request_taken,
    e.RunContinued: run_continued,
    e.RunInterrupted: run_interrupted,
    e.RunFinished: _run_finished,
    e.ScopeOpened: scope_opened,
    e.ScopeAborted: scope_aborted,
    e.ScopeClosed: scope_closed,
    e.StepReused: _step_reused,
    e.StepsReset: _steps_reset,
    e.HandlerTaken: _handler_taken,
    e.Noted: _noted,
    e.StepStarted: _step_started,
    e.StepSkipped: _step_skipped,
    e.StepFinished: _step_finished,
    e.InputEdited: _input_edited,
    e.AttemptStarted: _attempt_started,
    e.AttemptFinished: _attempt_finished,
    e.RetryScheduled: _retry_scheduled,
    e.PerformerChosen: _performer_chosen,
    e.FallbackTaken: _fallback_taken,
    e.CallStarted: call_started,
    e.CallFinished: call_finished,
    e.CallFailed: call_failed,
    e.CallSettled: call_settled,
    e.TimerSet: _timer_set,
    e.Asked: _asked,
    e.Answered: _answered,
    e.ApprovalVoided: _approval_voided,
    e.PersonTold: _person_told,
    e.CodeAccepted: _code_accepted,
    e.BudgetRaised: budget_raised,
    e.PriceGiven: _price_given,
    e.PatternAllowed: pattern_allowed,
    e.PatternRevoked: pattern_revoked,
}
