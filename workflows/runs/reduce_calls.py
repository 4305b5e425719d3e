"""What the events of calls make of a run's state, and of its money. Pure; a part of `reduce`."""

from __future__ import annotations

from workflows.effects import Usage
from workflows.frozen import Entries, changed
from workflows.runs import events as e
from workflows.runs.changes import set_aside, with_call, with_step
from workflows.runs.purse import held, settled
from workflows.runs.state import Call, RunState


def call_started(state: RunState, event: e.CallStarted, at: float) -> RunState:
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
        reserved_usd=event.reserved_usd,
        repeats=before.repeats if before else 0,
    )
    state = with_step(state, event.step, calls=step.calls.including(event.key, call))
    return held(state, event.step, event.key, event.reserved_usd)


def call_finished(state: RunState, event: e.CallFinished, at: float) -> RunState:
    call = state.steps[event.step].calls[event.key]
    state = with_call(
        state, event.step, event.key, status="succeeded", output=event.output, usage=event.usage, ended=at
    )
    return settled(_spent(state, event.step, event.usage), event.step, call, event.usage, failed=False)


def call_failed(state: RunState, event: e.CallFailed, at: float) -> RunState:
    """One that is known to have failed is made anew, and waits anew; one that was cut off goes on with its waits."""
    if event.status == "failed" and (timers := state.steps[event.step].timers):
        left = {key: until for key, until in timers.items() if not key.startswith(f"{event.key}/")}
        state = with_step(state, event.step, timers=Entries(left))
    call = state.steps[event.step].calls[event.key]
    state = with_call(
        state, event.step, event.key, status=event.status, failure=event.failure, usage=event.usage, ended=at
    )
    return settled(_spent(state, event.step, event.usage), event.step, call, event.usage, failed=True)


def _spent(state: RunState, step: str, usage: Usage | None) -> RunState:
    if usage is None:
        return state
    state = with_step(state, step, spent=state.steps[step].spent.plus(usage))
    return changed(state, spent=state.spent.plus(usage))


def call_settled(state: RunState, event: e.CallSettled, at: float) -> RunState:
    """One that was made for an earlier input is settled, and then set aside with what belongs to that input."""
    call = state.steps[event.step].calls[event.key]
    if event.again:
        state = with_call(state, event.step, event.key, status="interrupted", repeats=call.repeats + 1)
    else:
        state = with_call(state, event.step, event.key, status="succeeded", output=event.output, ended=at)
    step = state.steps[event.step]
    return state if call.generation == step.generation else with_step(state, step.id, calls=set_aside(step))
