"""What an expression can read in a run, and evaluating with it. Pure but for the two functions that ask the world."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from workflows.errors import Failure
from workflows.expressions import Functions, Reference, compile_condition, compile_value
from workflows.runs.state import RunState, StepState
from workflows.values import Json


def evaluate(state: RunState, value: Json) -> Json:
    """The value with every expression in it replaced. Raises ExpressionError."""
    compiled = compile_value(value)
    if compiled.constant:
        return value
    return compiled.evaluate(scope(state, compiled.references), functions(state))


def holds(state: RunState, condition: str) -> bool:
    """Whether a `when` holds. Raises ExpressionError, also where it yields anything but true or false."""
    compiled = compile_condition(condition)
    return bool(compiled.evaluate(scope(state, compiled.references), functions(state)))


def scope(state: RunState, references: Iterable[Reference]) -> dict[str, Json]:
    """The names of the language. Only the steps referred to are looked up, so that a long run costs no more."""
    wanted: set[str] = set()
    for reference in references:
        if reference.root == "steps":
            wanted |= {str(reference.path[0])} if reference.path else set(state.steps)
    return {
        "parameters": state.parameters,
        "steps": {name: _step(state.steps[name]) for name in sorted(wanted) if name in state.steps},
        "env": dict(state.environment),
        "context": {},
        "run": {"id": state.run_id, "workflow": state.workflow, "started": _iso(state.started), "root": state.root},
    }


def functions(state: RunState) -> Functions:
    """`now` is the time of the last event, so that a repeated evaluation gives the same; files are below the root."""
    return Functions(now=lambda: _iso(state.updated), file_exists=lambda path: (Path(state.root) / path).exists())


def _step(step: StepState) -> Json:
    return {"status": step.status, "output": step.output, "error": _error(step.failure)}


def _error(failure: Failure | None) -> Json:
    return None if failure is None else {"class": failure.kind, "message": failure.message, "detail": failure.detail}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
