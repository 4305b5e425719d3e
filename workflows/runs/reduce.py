"""reduce(state, recorded): what a run is after one more event. Pure, total, and the only writer of run state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce as fold
from types import MappingProxyType
from typing import Any

from workflows.effects import Usage
from workflows.planning.plan import plan_from_json
from workflows.runs import events as e
from workflows.runs.state import Attempt, Call, Inquiry, RunState, Status, StepState, empty, with_entry


def reduce(state: RunState, recorded: e.Recorded) -> RunState:
    """The state after the event. Raises ValueError where the event does not follow the state's last one."""
    if recorded.seq != state.seq + 1:
        raise ValueError(f"event {recorded.seq} does not follow event {state.seq}")
    after = _REDUCERS[type(recorded.event)](state, recorded.event, recorded.at)
    return replace(after, seq=recorded.seq, updated=recorded.at)


def replay(run_id: str, journal: Iterable[e.Recorded]) -> RunState:
    """The state that a whole journal comes to."""
    return fold(reduce, journal, RunState(run_id))


def _run_started(state: RunState, event: e.RunStarted, at: float) -> RunState:
    plan = plan_from_json(event.plan)
    return replace(
        state,
        status="running",
        workflow=event.workflow,
        title=event.title,
        source=event.source,
        parameters=event.parameters,
        root=event.root,
        plan=plan,
        digests=MappingProxyType(dict(event.digests)),
        environment=MappingProxyType(dict(event.environment)),
        attended=event.attended,
        simulated=event.simulated,
        steps=MappingProxyType({step.id: StepState(step.id) for step in plan.steps}),
        counts=MappingProxyType({"pending": len(plan.steps)}),
        started=at,
    )


def _run_resumed(state: RunState, event: e.RunResumed, at: float) -> RunState:
    state = replace(state, status="running", attended=event.attended, paused=False, why="")
    return replace(state, status=_standing(state, state.counts))


def _run_paused(state: RunState, event: e.RunPaused, at: float) -> RunState:
    return replace(state, status="paused", paused=True, why=event.why)


def _run_continued(state: RunState, event: e.RunContinued, at: float) -> RunState:
    return replace(state, status="running", paused=False, why="")


def _run_interrupted(state: RunState, event: e.RunInterrupted, at: float) -> RunState:
    return replace(state, status="interrupted", why=event.why)


def _run_finished(state: RunState, event: e.RunFinished, at: float) -> RunState:
    return replace(state, status=event.status, outputs=event.outputs, failure=event.failure, ended=at)


def _step_started(state: RunState, event: e.StepStarted, at: float) -> RunState:
    return _step(state, event.step, status="running", input=event.input, started=at)


def _step_skipped(state: RunState, event: e.StepSkipped, at: float) -> RunState:
    return _step(state, event.step, status="skipped", why=event.why, output=None, failure=None, ended=at)


def _step_finished(state: RunState, event: e.StepFinished, at: float) -> RunState:
    if event.then == "abort" and not state.aborting:
        state = replace(state, aborting=event.step)
    return _step(
        state,
        event.step,
        status=event.status,
        output=event.output,
        failure=event.failure,
        then=event.then,
        retry_at=None,
        ended=at,
    )


def _input_edited(state: RunState, event: e.InputEdited, at: float) -> RunState:
    """What was called with the old input counts no more, so the generation rises and the calls are set aside."""
    step = state.steps[event.step]
    return _step(
        state,
        event.step,
        input=event.input,
        generation=step.generation + 1,
        calls=_set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=_counted(step),
    )


def _attempt_started(state: RunState, event: e.AttemptStarted, at: float) -> RunState:
    step = state.steps[event.step]
    attempt = Attempt(event.n, event.performer, step.generation, "started", at, event.digest, event.approval)
    if event.approval:
        state = _inquiry(state, event.approval, used=True)
    return _step(state, event.step, status="running", attempts=(*step.attempts, attempt), retry_at=None)


def _attempt_finished(state: RunState, event: e.AttemptFinished, at: float) -> RunState:
    step = state.steps[event.step]
    failed = [
        call.key
        for call in step.calls.values()
        if call.attempt == event.n and call.status in ("failed", "unknown", "interrupted")
    ]
    attempts = tuple(
        replace(
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
    return _step(state, event.step, attempts=attempts, failure=event.failure)


def _retry_scheduled(state: RunState, event: e.RetryScheduled, at: float) -> RunState:
    return _step(state, event.step, status="waiting", retry_at=event.at, why=event.why)


def _fallback_taken(state: RunState, event: e.FallbackTaken, at: float) -> RunState:
    """Another performer starts from nothing: what its predecessor was told is not its own."""
    step = state.steps[event.step]
    performers = state.plan.by_id[event.step].performers
    after = performers[step.performer + 1 :]
    index = step.performer + 1 + after.index(event.performer) if event.performer in after else 0
    return _step(
        state,
        event.step,
        performer=index,
        why=event.why,
        calls=_set_aside(step),
        timers=empty(),
        retry_at=None,
        retry_base=_counted(step),
    )


def _call_started(state: RunState, event: e.CallStarted, at: float) -> RunState:
    step = state.steps[event.step]
    before = step.calls.get(event.key)
    call = Call(
        event.key,
        event.n,
        step.generation,
        "started",
        event.effect,
        event.spec,
        event.spec_digest,
        event.idempotency_key,
        step.attempts[-1].n,
        at,
        model=event.model,
        repeats=before.repeats if before else 0,
    )
    return _step(state, event.step, calls=with_entry(step.calls, event.key, call))


def _call_finished(state: RunState, event: e.CallFinished, at: float) -> RunState:
    state = _call(state, event.step, event.key, status="succeeded", output=event.output, usage=event.usage, ended=at)
    return _spent(state, event.step, event.usage)


def _call_failed(state: RunState, event: e.CallFailed, at: float) -> RunState:
    state = _call(state, event.step, event.key, status=event.status, failure=event.failure, usage=event.usage, ended=at)
    return _spent(state, event.step, event.usage)


def _spent(state: RunState, step: str, usage: Usage | None) -> RunState:
    if usage is None:
        return state
    state = _step(state, step, spent=state.steps[step].spent.plus(usage))
    return replace(state, spent=state.spent.plus(usage))


def _call_settled(state: RunState, event: e.CallSettled, at: float) -> RunState:
    call = state.steps[event.step].calls[event.key]
    if event.again:
        return _call(state, event.step, event.key, status="interrupted", repeats=call.repeats + 1)
    return _call(state, event.step, event.key, status="succeeded", output=event.output, ended=at)


def _timer_set(state: RunState, event: e.TimerSet, at: float) -> RunState:
    return _step(state, event.step, timers=with_entry(state.steps[event.step].timers, event.key, event.until))


def _asked(state: RunState, event: e.Asked, at: float) -> RunState:
    step = state.steps[event.step]
    inquiry = Inquiry(event, at, step.generation, step.attempts[-1].n if step.attempts else 0)
    state = replace(state, inquiries=with_entry(state.inquiries, event.entry, inquiry))
    return _step(state, event.step, status="waiting", inquiries=(*step.inquiries, event.entry))


def _answered(state: RunState, event: e.Answered, at: float) -> RunState:
    step = state.inquiries[event.entry].asked.step
    state = _inquiry(state, event.entry, answer=event, answered_at=at)
    return _step(state, step, status="running")


def _approval_voided(state: RunState, event: e.ApprovalVoided, at: float) -> RunState:
    return _inquiry(state, event.entry, voided=event.why)


def _code_accepted(state: RunState, event: e.CodeAccepted, at: float) -> RunState:
    return replace(state, digests=with_entry(state.digests, event.name, event.digest))


def _counted(step: StepState) -> int:
    return sum(attempt.counts for attempt in step.attempts)


def _set_aside(step: StepState) -> Mapping[str, Call]:
    """The calls so far under names that no later call can have: kept for history and cost, never replayed."""
    mark = f"@{len(step.attempts)}"
    return MappingProxyType({key if "@" in key else key + mark: call for key, call in step.calls.items()})


def _step(state: RunState, step: str, **changes: Any) -> RunState:
    before = state.steps[step]
    after = replace(before, **changes)
    state = replace(state, steps=with_entry(state.steps, step, after))
    if before.status == after.status:
        return state
    counts = {**state.counts, after.status: state.counts.get(after.status, 0) + 1}
    counts[before.status] -= 1
    return replace(state, counts=MappingProxyType(counts), status=_standing(state, counts))


def _standing(state: RunState, counts: Mapping[str, int]) -> Status:
    """A run waits when nothing in it moves and something in it waits."""
    if state.status not in ("running", "waiting"):
        return state.status
    return "waiting" if counts.get("waiting", 0) and not counts.get("running", 0) else "running"


def _call(state: RunState, step: str, key: str, **changes: Any) -> RunState:
    calls = state.steps[step].calls
    return _step(state, step, calls=with_entry(calls, key, replace(calls[key], **changes)))


def _inquiry(state: RunState, entry: str, **changes: Any) -> RunState:
    changed = replace(state.inquiries[entry], **changes)
    return replace(state, inquiries=with_entry(state.inquiries, entry, changed))


_REDUCERS: Mapping[type[e.Event], Callable[[RunState, Any, float], RunState]] = {
    e.RunStarted: _run_started,
    e.RunResumed: _run_resumed,
    e.RunPaused: _run_paused,
    e.RunContinued: _run_continued,
    e.RunInterrupted: _run_interrupted,
    e.RunFinished: _run_finished,
    e.StepStarted: _step_started,
    e.StepSkipped: _step_skipped,
    e.StepFinished: _step_finished,
    e.InputEdited: _input_edited,
    e.AttemptStarted: _attempt_started,
    e.AttemptFinished: _attempt_finished,
    e.RetryScheduled: _retry_scheduled,
    e.FallbackTaken: _fallback_taken,
    e.CallStarted: _call_started,
    e.CallFinished: _call_finished,
    e.CallFailed: _call_failed,
    e.CallSettled: _call_settled,
    e.TimerSet: _timer_set,
    e.Asked: _asked,
    e.Answered: _answered,
    e.ApprovalVoided: _approval_voided,
    e.CodeAccepted: _code_accepted,
}
