"""Error handlers: which one takes a failure, and what follows when its steps are done. Pure."""

from __future__ import annotations

from workflows.definition.model import failure_name
from workflows.engine.backoff import wait_before
from workflows.engine.choices import intervention
from workflows.errors import Failure
from workflows.planning.plan import Handler
from workflows.runs import events as e
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import home_of, is_aftermath

ANY = "any"
"""The handler's `error` that takes every failure."""


def handles(handler: Handler, failure: Failure) -> bool:
    """Whether a handler is for this failure: by its class, the name of the exception that a skill raised, or any.

    `timeout`, `Timeout` and `TimeoutError` all mean the class `timeout`.
    """
    wanted = failure_name(handler.error)
    return wanted in (ANY, failure_name(failure.kind)) or (bool(failure.name) and wanted == failure_name(failure.name))


def take_handler(state: RunState, step: StepState, failure: Failure) -> tuple[e.Event, ...]:
    """The first handler that is for this failure takes it; nothing where there is none.

    What only holds other steps is passed over: handlers saw the failures of those.
    """
    if step.planned.each or step.planned.inside or is_aftermath(state, step.scope):
        return ()
    handlers = home_of(state, step).plan.handlers
    number = next((index for index, handler in enumerate(handlers) if handles(handler, failure)), None)
    if number is None:
        return ()
    handler = handlers[number]
    action, why = _action(handler, number, step, failure)
    if not action:
        return ()
    events: list[e.Event] = [e.HandlerTaken(step.id, number, action, why)]
    name = f"{step.id}~handler{len(step.handled) + 1}"
    if action == handler.action:
        if handler.block.steps:
            events.append(e.ScopeOpened(step.id, name, "handler", {"handler": number}))
        telling = state.scopes.get(f"{name}~notify")
        if handler.tell is not None and not (telling and telling.open):
            home = home_of(state, step)
            data = {"home": home.name, "handler": number, "step": step.id}
            events.append(e.ScopeOpened(home.owner, f"{name}~notify", "notify", data))
    return tuple(events)


def _action(handler: Handler, number: int, step: StepState, failure: Failure) -> tuple[str, str]:
    """What the handler does this time, and why; empty where it has nothing more to offer."""
    named = f"the handler for {handler.error}"
    if handler.action != "retry":
        return handler.action, f"{named} takes over ({handler.action}): {failure.message}"
    used = sum(taken.handler == number and taken.action == "retry" for taken in step.handled)
    if used < handler.retries and failure.retryable:
        return "retry", f"{named} retries, {used + 1} of {handler.retries}: {failure.message}"
    because = f"{handler.retries} retries did not help" if failure.retryable else f"{failure.kind} is not retried"
    return handler.then, f"{named} goes on with {handler.then}: {because}" if handler.then else ""


def after_handler(
    state: RunState, step: StepState, failure: Failure, now: float, random: float
) -> tuple[e.Event, ...] | None:
    """What follows when the handler's steps are over; None where the step's own `on_failure` decides."""
    action = step.handled[-1].action
    match action:
        case "retry":
            tries = sum(taken.action == "retry" for taken in step.handled)
            wait = wait_before(step.planned.retry, tries, failure, random)
            why = f"the handler tries again in {wait:.1f} s: {failure.message}"
            return (e.RetryScheduled(step.id, now + wait, why),)
        case "skip":
            return (e.StepSkipped(step.id, f"it failed, and a handler skips it: {failure.message}"),)
        case "escalate":
            return (intervention(state, step, failure),)
        case "abort" | "continue" | "rollback" | "compensate":
            return (e.StepFinished(step.id, "failed", failure=failure, then=action),)
    return None
