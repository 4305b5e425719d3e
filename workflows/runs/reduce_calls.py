"""What the events of calls make of a run's state, and of its money. A part of `reduce`."""

from __future__ import annotations

from workflows.effects import Usage
from workflows.records import changed, write
from workflows.runs import events as e
from workflows.runs.changes import set_aside, set_call, set_inquiry, set_step
from workflows.runs.purse import hold, settle
from workflows.runs.state import Call, RunState


def call_started(draft: RunState, event: e.CallStarted, at: float) -> None:
    step = draft.steps[event.step]
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
        allowed=event.allowed,
    )
    calls = {**step.calls, event.key: call}
    if step.status == "waiting":
        # Beside what waits for a person, something goes on.
        set_step(draft, event.step, calls=calls, status="running")
    else:
        set_step(draft, event.step, calls=calls)
    if event.approval:
        set_inquiry(draft, event.approval, used=True)
    hold(draft, event.step, event.key, event.reserved_usd)


def call_finished(draft: RunState, event: e.CallFinished, at: float) -> None:
    call = draft.steps[event.step].calls[event.key]
    set_call(draft, event.step, event.key, status="succeeded", output=event.output, usage=event.usage, ended=at)
    _wait_again(draft, event.step)
    _spend(draft, event.step, event.usage)
    settle(draft, event.step, call, event.usage, failed=False)


def given(draft: RunState, event: e.StepFinished, at: float) -> Call:
    """The call that gave a step its output, and ended with it."""
    call = draft.steps[event.step].calls[event.call]
    settle(draft, event.step, call, None, failed=False)
    return changed(call, status="succeeded", output=event.output, ended=at)


def call_failed(draft: RunState, event: e.CallFailed, at: float) -> None:
    """One that is known to have failed is made anew, and waits anew; one that was cut off goes on with its waits."""
    if event.status == "failed" and (timers := draft.steps[event.step].timers):
        left = {key: until for key, until in timers.items() if not key.startswith(f"{event.key}/")}
        set_step(draft, event.step, timers=left)
    call = draft.steps[event.step].calls[event.key]
    set_call(draft, event.step, event.key, status=event.status, failure=event.failure, usage=event.usage, ended=at)
    _wait_again(draft, event.step)
    _spend(draft, event.step, event.usage)
    settle(draft, event.step, call, event.usage, failed=True)


def _wait_again(draft: RunState, name: str) -> None:
    """A step waits again when all that is left under way in it waits for people."""
    step = draft.steps[name]
    if not step.inquiries or step.status != "running" or not any(draft.inquiries[each].open for each in step.inquiries):
        return
    if not any(call.status == "started" for call in step.calls.values()):
        set_step(draft, name, status="waiting")


def _spend(draft: RunState, step: str, usage: Usage | None) -> None:
    if usage is not None:
        set_step(draft, step, spent=draft.steps[step].spent.plus(usage))
        write(draft, spent=draft.spent.plus(usage))


def call_settled(draft: RunState, event: e.CallSettled, at: float) -> None:
    """One that was made for an earlier input is settled, and then set aside with what belongs to that input."""
    call = draft.steps[event.step].calls[event.key]
    if event.again:
        set_call(draft, event.step, event.key, status="interrupted", repeats=call.repeats + 1)
    else:
        set_call(draft, event.step, event.key, status="succeeded", output=event.output, ended=at)
    step = draft.steps[event.step]
    if call.generation != step.generation:
        set_step(draft, step.id, calls=set_aside(step))
