"""advance(state): what follows when all steps of a scope are over, or it was aborted. Pure.

A workflow's own scope, the run's or a child's, ends in this order: its steps; undoing in reverse order; its `rollback`
steps; its `finally` steps; then it is closed. Any other scope is closed as soon as its steps are over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from workflows.engine.scope import outputs_of
from workflows.errors import Failure
from workflows.expressions import ExpressionError
from workflows.runs import events as e
from workflows.runs.changes import first_is_enough
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import ABOUT, holders, scopes_of
from workflows.values import Json

UNDOES = ("rollback", "compensate")


def advance(state: RunState) -> tuple[e.Event, ...]:
    """The next events of a scope whose steps are over, the innermost first; nothing where all have work to do."""
    for scope in reversed(scopes_of(state, state.closable)):
        if events := _next(state, scope):
            return events
    return ()


def to_halt(state: RunState, seen: Collection[str]) -> Scope | None:
    """The outermost scope that is being stopped, of those not seen. Stopping one may mean stopping others in it."""
    closable = scopes_of(state, state.closable)
    return next((scope for scope in closable if scope.aborting and scope.name not in seen), None)


def _next(state: RunState, scope: Scope) -> tuple[e.Event, ...]:
    if scope.is_workflow:
        return _workflow(state, scope)
    if first_is_enough(state, scope) and not scope.aborting:
        return _first(state, scope)
    if scope.aborting and not _quiet(state, scope):
        return ()
    if scope.aborting:
        return (_closed(scope, _output(state, scope)),)
    return (e.ScopeClosed(scope.name, "succeeded", output=_output(state, scope)),) if scope.all_over else ()


def _quiet(state: RunState, scope: Scope) -> bool:
    """Whether nothing that was started in it is under way any more."""
    return not any(scope.counts.get(status, 0) for status in ("running", "waiting", "paused"))


def _closed(scope: Scope, output: Json = None) -> e.ScopeClosed:
    if scope.then == "first":
        return e.ScopeClosed(scope.name, "succeeded", output=output)
    status: e.Ending = "cancelled" if scope.then == "cancel" else "failed"
    failure = scope.failure or Failure("unknown", "It was stopped.")
    return e.ScopeClosed(scope.name, status, None if status == "cancelled" else failure, then=scope.then)


def _first(state: RunState, scope: Scope) -> tuple[e.Event, ...]:
    steps = [state.steps[name] for name in scope.steps]
    if any(step.status == "succeeded" for step in steps):
        if scope.all_over:
            return (e.ScopeClosed(scope.name, "succeeded", output=_output(state, scope)),)
        return (e.ScopeAborted(scope.name, "another was first", then="first"),)
    if not scope.all_over:
        return ()
    failure = next((step.failure for step in steps if step.failure), None)
    failure = failure or Failure("business", "None of its steps succeeded.")
    return (e.ScopeClosed(scope.name, "failed", failure, then="abort"),)


def _output(state: RunState, scope: Scope) -> Json:
    """What a step that holds others gives: its items' outputs as a list, else those of steps that succeeded, by id."""
    steps = [state.steps[name] for name in scope.steps]
    if scope.kind == "each":
        return [step.output for step in steps]
    return {step.planned.id: step.output for step in steps if step.status == "succeeded"}


def _workflow(state: RunState, scope: Scope) -> tuple[e.Event, ...]:
    if not (scope.all_over or (scope.aborting and _quiet(state, scope))):
        return ()
    then = "end" if _stopped(state, scope) else scope.then
    if then in UNDOES and (wait := _phase(state, scope, "undo", to_undo(state, scope))) is not None:
        return wait
    if then == "rollback" and scope.plan.rollback and (wait := _phase(state, scope, "rollback")) is not None:
        return wait
    if scope.plan.finally_ and not state.at_once and (wait := _phase(state, scope, "finally")) is not None:
        return wait
    if any(about.open and about.home == scope.name and about.kind in ABOUT for about in state.scopes.values()):
        return ()
    return (_ended(state, scope),)


def _phase(
    state: RunState, scope: Scope, kind: e.ScopeKind, undo: Sequence[str] | None = None
) -> tuple[e.Event, ...] | None:
    """The event that begins this phase, nothing while it goes on, None when it is over or has nothing to do."""
    name = f"{scope.name}~{kind}"
    known = state.scopes.get(name)
    if known is not None and known.during == scope.opened:
        return () if known.open else None
    if undo is None:
        return (e.ScopeOpened(scope.owner, name, kind),)
    return (e.ScopeOpened(scope.owner, name, kind, {"steps": list(undo)}),) if undo else None


def _stopped(state: RunState, scope: Scope) -> bool:
    """Whether a person ended the run while something was done about this workflow."""
    names = (f"{scope.name}~{kind}" for kind in ABOUT)
    found = (state.scopes[name] for name in names if name in state.scopes)
    return any(about.then == "end" and about.during == scope.opened and not about.open for about in found)


def to_undo(state: RunState, scope: Scope) -> Sequence[str]:
    """The addresses of a workflow's steps to be undone, what ended last first.

    They are those that succeeded, those that did something before they failed, and those that nobody is sure of.
    Steps of child workflows are among them: what the child did is part of what is taken back.
    """
    found = [
        step for step in state.steps.values() if step.planned.undo and _acted(step) and _within(state, step, scope)
    ]
    return [step.id for step in sorted(found, key=lambda step: -step.ended_at)]


def _acted(step: StepState) -> bool:
    if step.status == "undone" or step.reused is not None:
        return False  # what another run did is that run's to take back
    changed = any(
        call.status == "succeeded" and call.effect != "pure" and call.generation == step.generation
        for call in step.calls.values()
    )
    return (step.status == "succeeded" and not step.cached_from) or changed or step.in_doubt is not None


def _within(state: RunState, step: StepState, scope: Scope) -> bool:
    for here in holders(state, step.scope):
        if here.name == scope.name:
            return True
        if here.kind not in ("child", "block", "each"):
            return False
    return False


def _ended(state: RunState, scope: Scope) -> e.Event:
    """The end of a workflow: of the run, or of a child of it."""
    finish = state.scopes.get(f"{scope.name}~finally")
    if scope.kind == "run":
        return _run_ended(state, scope, finish)
    if _stopped(state, scope):
        return _closed(replace(scope, then="end"))
    if scope.aborting:
        return _closed(scope)
    if finish is not None and finish.status == "failed" and finish.during == scope.opened:
        return e.ScopeClosed(scope.name, "failed", finish.failure, then="abort")
    try:
        outputs = outputs_of(state, scope)
    except ExpressionError as error:
        failure = Failure("validation", f"outputs: {error.message}", error.hint)
        return e.ScopeClosed(scope.name, "failed", failure, then="abort")
    return e.ScopeClosed(scope.name, "succeeded", output=outputs)


def _run_ended(state: RunState, scope: Scope, finish: Scope | None) -> e.RunFinished:
    if scope.then == "cancel":
        return e.RunFinished("cancelled")
    if scope.aborting:
        return e.RunFinished("failed", failure=scope.failure or Failure("unknown", "It was stopped."))
    if finish is not None and finish.status == "failed":
        return e.RunFinished("failed", failure=finish.failure)
    try:
        return e.RunFinished("succeeded", outputs=outputs_of(state, scope))
    except ExpressionError as error:
        return e.RunFinished("failed", failure=Failure("validation", f"outputs: {error.message}", error.hint))


def why_stopped(scope: Scope) -> str:
    """Why what is under way in a scope is stopped."""
    if scope.aborted_by:
        return f"{scope.aborted_by} failed"
    return {"cancel": "cancelled by a person", "first": "another was first"}.get(scope.then, "it was stopped")


def follow(state: RunState, step: StepState) -> tuple[e.Event, ...]:
    """What is done about a step that has just ended: telling somebody, where the file says so."""
    tell = step.planned.tell
    wanted = {"succeeded": "success", "failed": "failure"}.get(step.status)
    if tell is None or wanted is None or tell.when not in ("always", wanted):
        return ()
    home = state.scopes[state.scopes[step.scope].home]
    name = f"{step.id}~notify"
    if name in state.scopes and state.scopes[name].open:
        return ()  # the step was done again while its first end is still being told
    return (e.ScopeOpened(home.owner, name, "notify", {"home": home.name, "step": step.id}),)
