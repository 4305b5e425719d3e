"""reduce(state, recorded): what a run is after one more event. Pure, total, and the only writer of run state.

The counts that it keeps on the way, and what holds a step moving as that does, are in `changes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce as fold
from typing import Any

from workflows.frozen import Entries, changed, settled
from workflows.planning.plan import plan_from_json
from workflows.runs import events as e
from workflows.runs.changes import (
    afresh,
    counted,
    first_is_enough,
    put_all,
    put_inquiry,
    put_scope,
    set_aside,
    with_inquiry,
    with_owner,
    with_scope,
    with_step,
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
from workflows.runs.purse import opened
from workflows.runs.reduce_calls import call_failed, call_finished, call_settled, call_started
from workflows.runs.scopes import blocked, scope_aborted, scope_closed, scope_opened
from workflows.runs.state import (
    Attempt,
    Handled,
    Inquiry,
    Reused,
    RunState,
    Scope,
    StepState,
    empty,
)


def reduce(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after the event. Raises ValueError where the event does not follow the state's last one."""
    if recorded.seq != state.seq + 1:
        raise ValueError(f"event {recorded.seq} does not follow event {state.seq}")
    after = _REDUCERS[type(recorded.event)](state, recorded.event, recorded.at)
    moved = state.status == "running" and not isinstance(recorded.event, e.RunResumed)
    at_work = state.at_work + max(0.0, recorded.at - state.updated) if moved else state.at_work
    return settled(after, state, seq=recorded.seq, updated=recorded.at, at_work=at_work)


def replay(run_id: str, journal: Iterable[e.Recorded], known: RunState | None = None) -> RunState:
    """The state that a whole journal comes to, or what follows a state that is known."""
    return fold(reduce, journal, known or RunState(run_id))


def _run_started(state: RunState, event: e.RunStarted, at: float) -> RunState:
    plan = plan_from_json(event.plan)
    state = changed(
        state,
        status="running",
        workflow=event.workflow,
        title=event.title,
        source=event.source,
        parameters=event.parameters,
        root=event.root,
        plan=plan,
        digests=Entries(event.digests),
        environment=Entries(event.environment),
        attended=event.attended,
        simulated=event.simulated,
        nonce=event.nonce,
        forked_from=event.forked_from,
        fork_at=event.fork_at,
        fresh=event.fresh,
        priority=event.priority,
        after=tuple(event.after),
        steps=Entries((step.id, StepState(step.id, step)) for step in plan.steps),
        counts={"pending": len(plan.steps)},
        started=at,
        purses=opened(state.purses, "", plan.budget),
    )
    top = Scope("", stages=plan.stages, plan=plan, block=plan, parameters=event.parameters, counts=state.counts)
    return put_scope(state, changed(top, front=front_of(top, state.steps)))


def _run_finished(state: RunState, event: e.RunFinished, at: float) -> RunState:
    state = blocked(state, [step for step in state.steps.values() if step.status == "pending"])
    return changed(state, status=event.status, outputs=event.outputs, failure=event.failure, ended=at)


def _step_started(state: RunState, event: e.StepStarted, at: float) -> RunState:
    """A step that is done again with another input than before does so as if a person had changed it."""
    step = state.steps[event.step]
    if step.attempts and step.input != event.input:
        state = _input_edited(state, e.InputEdited(event.step, event.input), at)
    return with_step(state, event.step, status="running", input=event.input, started=at)


def _step_skipped(state: RunState, event: e.StepSkipped, at: float) -> RunState:
    return with_step(
        state, event.step, status="skipped", why=event.why, output=None, failure=None, ended=at, ended_at=state.seq + 1
    )


def _step_finished(state: RunState, event: e.StepFinished, at: float) -> RunState:
    state = with_step(
        state,
        event.step,
        status=event.status,
        output=event.output,
        failure=event.failure,
        then=event.then,
        cached_from=event.cached_from,
        saved=event.spent if event.cached_from else None,
        retry_at=None,
        ended=at,
        ended_at=state.seq + 1,
    )
    scope = state.scopes[state.steps[event.step].scope]
    ends = event.status == "failed" and event.then not in ("", "continue") and not scope.aborting
    if ends and (event.then != "abort" or not first_is_enough(state, scope)):
        # Where the first to succeed is enough, a failure ends the block only if it goes further than the block.
        state = with_scope(
            state, scope.name, aborting=True, aborted_by=event.step, then=event.then, failure=event.failure
        )
    undone = event.step.removesuffix("~undo")
    if scope.kind == "undo" and event.status == "succeeded" and undone in state.steps:
        state = with_step(state, undone, status="undone")
    return state


def _step_reused(state: RunState, event: e.StepReused, at: float) -> RunState:
    return with_step(
        state,
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
        ended_at=state.seq + 1,
    )


def _steps_reset(state: RunState, event: e.StepsReset, at: float) -> RunState:
    return put_all(state, [afresh(state.steps[name]) for name in event.steps])


def _noted(state: RunState, event: e.Noted, at: float) -> RunState:
    return state


def _handler_taken(state: RunState, event: e.HandlerTaken, at: float) -> RunState:
    step = state.steps[event.step]
    handled = Handled(event.handler, event.action, step.last.n if step.last else 0)
    return with_step(state, event.step, status="running", handled=(*step.handled, handled), why=event.why)


def _input_edited(state: RunState, event: e.InputEdited, at: float) -> RunState:
    """What was called with the old input counts no more, so the generation rises and the calls are set aside."""
    step = state.steps[event.step]
    return with_step(
        state,
        event.step,
        input=event.input,
        generation=step.generation + 1,
        calls=set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=counted(step),
    )


def _attempt_started(state: RunState, event: e.AttemptStarted, at: float) -> RunState:
    step = state.steps[event.step]
    attempt = Attempt(event.n, event.performer, step.generation, "started", at, event.digest, event.approval)
    if event.approval:
        state = with_inquiry(state, event.approval, used=True)
    state = with_step(state, event.step, status="running", attempts=(*step.attempts, attempt), retry_at=None)
    # What it holds may have waited all the time while nobody owned the run.
    return with_owner(state, event.step) if event.step in state.scopes else state


def _attempt_finished(state: RunState, event: e.AttemptFinished, at: float) -> RunState:
    step = state.steps[event.step]
    failed = [
        call.key
        for call in step.calls.values()
        if call.attempt == event.n and call.status in ("failed", "unknown", "interrupted")
    ]
    attempts = tuple(
        changed(
            attempt,
            status=event.status,
            ended=at,
            failure=event.failure,
            interrupted=event.interrupted,
            failed_call=failed[-1] if failed else "",
        )
        if attempt.n == event.n
        else attempt
        for attempt in step.attempts
    )
    return with_step(state, event.step, attempts=attempts, failure=event.failure)


def _retry_scheduled(state: RunState, event: e.RetryScheduled, at: float) -> RunState:
    return with_step(state, event.step, status="waiting", retry_at=event.at, why=event.why)


def _performer_chosen(state: RunState, event: e.PerformerChosen, at: float) -> RunState:
    index = state.steps[event.step].planned.performers.index(event.performer)
    return with_step(state, event.step, performer=index, chosen=True)


def _fallback_taken(state: RunState, event: e.FallbackTaken, at: float) -> RunState:
    """Another performer starts from nothing: what its predecessor was told or allowed is not its own."""
    step = state.steps[event.step]
    performers = step.planned.performers
    after = performers[step.performer + 1 :]
    known = performers.index(event.performer) if event.performer in performers else 0
    index = step.performer + 1 + after.index(event.performer) if event.performer in after else known
    return with_step(
        state,
        event.step,
        performer=index,
        generation=step.generation + 1,
        why=event.why,
        calls=set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=counted(step),
    )


def _timer_set(state: RunState, event: e.TimerSet, at: float) -> RunState:
    return with_step(state, event.step, timers=state.steps[event.step].timers.including(event.key, event.until))


def _asked(state: RunState, event: e.Asked, at: float) -> RunState:
    step = state.steps[event.step]
    inquiry = Inquiry(event, at, step.generation, step.attempts[-1].n if step.attempts else 0)
    state = put_inquiry(state, inquiry)
    return with_step(state, event.step, status="waiting", inquiries=(*step.inquiries, event.entry))


def _answered(state: RunState, event: e.Answered, at: float) -> RunState:
    step = state.inquiries[event.entry].asked.step
    state = with_inquiry(state, event.entry, answer=event, answered_at=at)
    return with_step(state, step, status="running")


def _approval_voided(state: RunState, event: e.ApprovalVoided, at: float) -> RunState:
    return with_inquiry(state, event.entry, voided=event.why)


def _code_accepted(state: RunState, event: e.CodeAccepted, at: float) -> RunState:
    return changed(state, digests=state.digests.including(event.name, event.digest))


def _budget_raised(state: RunState, event: e.BudgetRaised, at: float) -> RunState:
    purse = state.purses[event.scope]
    if event.step:
        purse = changed(purse, passed={**purse.passed, event.step: event.usd})
    else:
        purse = changed(purse, limit=event.usd)
    return changed(state, purses=state.purses.including(event.scope, purse))


def _price_given(state: RunState, event: e.PriceGiven, at: float) -> RunState:
    return changed(state, prices=state.prices.including(event.model, event.usd))


_REDUCERS: Mapping[type[e.Event], Callable[[RunState, Any, float], RunState]] = {
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
    e.CodeAccepted: _code_accepted,
    e.BudgetRaised: _budget_raised,
    e.PriceGiven: _price_given,
}
