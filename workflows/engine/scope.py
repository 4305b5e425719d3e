"""What an expression can read in a run, and evaluating with it. Pure but for the two functions that ask the world."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from workflows.errors import Failure
from workflows.expressions import ROOTS, CompiledValue, Functions, Reference, compile_condition, compile_value
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import address_of, holders, home_of, items_of, stands
from workflows.secrets import placeholder
from workflows.values import Json

Reader: TypeAlias = StepState | Scope
"""Who reads: a step, or a workflow (its scope) at its end."""


def evaluate(state: RunState, value: Json, reader: Reader, more: Mapping[str, Json] | None = None) -> Json:
    """The value with every expression in it replaced. `more` are further names. Raises ExpressionError."""
    here = {**_of_place(state, reader), **(more or {})}
    return _evaluated(state, compile_value(value, roots=_ROOTS.union(here)), reader, here)


def fields_of(state: RunState, step: StepState) -> Json:
    """What a step is given: its fields with every expression in them replaced. Raises ExpressionError."""
    here = _of_place(state, step)
    roots, known = _ROOTS.union(here) if here else _ROOTS, step.planned.compiled
    compiled = known.get(roots)
    if compiled is None:
        compiled = known[roots] = compile_value(step.planned.fields, roots=roots)
    return _evaluated(state, compiled, step, here)


def outputs_of(state: RunState, workflow: Scope) -> Json:
    """What a workflow comes to. Raises ExpressionError."""
    return _evaluated(state, workflow.plan.compiled_outputs, workflow, {})


def _evaluated(state: RunState, compiled: CompiledValue, reader: Reader, here: Mapping[str, Json]) -> Json:
    if compiled.constant:
        return compiled.source
    names = {**_names(state, compiled.references, reader), **here}
    return compiled.evaluate(names, _NONE if compiled.only_reads else functions(state))


_ROOTS = frozenset(ROOTS)
_NONE = Functions()


def holds(state: RunState, condition: str, reader: Reader, more: Mapping[str, Json] | None = None) -> bool:
    """Whether a condition holds. Raises ExpressionError, also where it yields anything but true or false."""
    here = {**_of_place(state, reader), **(more or {})}
    compiled = compile_condition(condition, roots=_ROOTS.union(here))
    return bool(compiled.evaluate({**_names(state, compiled.references, reader), **here}, functions(state)))


def _names(state: RunState, references: Collection[Reference], reader: Reader) -> dict[str, Json]:
    """The names of the language. Only what is referred to is looked up, so that a long run costs no more."""
    if not references:
        return {}
    step = reader if isinstance(reader, StepState) else None
    if step is not None and state.scopes[step.scope].kind == "undo":
        step = state.steps[step.id.removesuffix("~undo")]  # what undoes a step reads what that step could
    home = reader if isinstance(reader, Scope) else home_of(state, step or reader)
    names: dict[str, Json] = {}
    for reference in references:
        match reference.root:
            case "steps":
                steps = names.setdefault("steps", {})
                for id_ in (str(reference.path[0]),) if reference.path else sorted(home.plan.paths):
                    if id_ not in steps:
                        steps[id_] = _step(state, address_of(state, step, home, id_))
            case "parameters":
                names["parameters"] = home.parameters
            case "secrets":
                secrets = names.setdefault("secrets", {})
                if reference.path:
                    secrets[str(reference.path[0])] = placeholder(str(reference.path[0]), state.nonce)
            case "env":
                names["env"] = dict(state.environment)
            case "context":
                names["context"] = context(state, home)
            case "run":
                names["run"] = _run(state)
    return names


def _run(state: RunState) -> Json:
    return {"id": state.run_id, "workflow": state.workflow, "started": _iso(state.started), "root": state.root}


def _of_place(state: RunState, reader: Reader) -> dict[str, Json]:
    """The names that mean something only where the step stands: items of lists, and what a step is done about."""
    found: dict[str, Json] = {}
    if isinstance(reader, Scope):
        return found
    step: StepState | None = reader
    if not reader.scope:
        return found
    for scope in holders(state, reader.scope):
        assert step is not None
        if scope.kind == "each":
            each = state.steps[scope.owner].planned.each
            found.setdefault(each.name if each else "item", step.item)
        elif scope.kind not in ("run", "child", "block"):
            found = {**_about(state, scope, step), **found}
        if scope.name == scope.home or not scope.owner:
            break
        step = state.steps[scope.owner]
    return found


def _about(state: RunState, scope: Scope, step: StepState) -> dict[str, Json]:
    """`output` and `error` for what is done about a step or a workflow. A call in doubt is named by its key."""
    match scope.kind:
        case "undo":
            about = state.steps[step.id.removesuffix("~undo")]
            return {"output": about.output, "error": _error(about.failure), **_of_place(state, about)}
        case "verify" | "handler":
            about = state.steps[scope.owner]
            doubt = about.in_doubt
            key = {"key": doubt.idempotency_key} if doubt else {}
            error = _error(about.failure or (doubt.failure if doubt else None))
            return {"output": None, "error": {**error, **key} if error else error, **_of_place(state, about)}
        case "notify" if scope.data.get("step"):
            about = state.steps[scope.data["step"]]
            return {"output": about.output, "error": _error(about.failure), **_of_place(state, about)}
        case _:
            return {"output": None, "error": _error(state.scopes[scope.home].failure)}


def context(state: RunState, home: Scope) -> Json:
    """What the stages that are over have handed on: their steps' object outputs, merged in the order of the file.

    A child workflow begins with what was handed on to the step that calls it.
    """
    owner = state.steps.get(home.owner)
    merged: dict[str, Json] = dict(context(state, home_of(state, owner)) or {}) if owner else {}
    if not home.plan.merge:
        return merged
    for stage in home.stages:
        steps = [state.steps[address] for address in stage.steps]
        if not all(step.over for step in steps):
            break
        for step in steps:
            if isinstance(step.output, dict):
                merged = _merged(merged, step.output, home.plan.merge)
    return merged


def _merged(before: dict[str, Json], added: dict[str, Json], strategy: str) -> dict[str, Json]:
    """`deep` merges objects in objects, `shallow` replaces the values of keys, `replace` forgets what was there."""
    if strategy == "replace":
        return dict(added)
    merged = dict(before)
    for key, value in added.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merged(dict(old or {}), value, strategy) if both and strategy == "deep" else value
    return merged


def functions(state: RunState) -> Functions:
    """`now` is the time of the last event, so that a repeated evaluation gives the same; files are below the root."""
    return Functions(now=lambda: _iso(state.updated), file_exists=lambda path: _exists(Path(state.root), path))


def _exists(root: Path, path: str) -> bool:
    """Whether there is such a file below the root; nothing outside is looked for, and no path is too odd to say no."""
    try:
        root = root.resolve()
        found = (root / path).resolve()
        return found.is_relative_to(root) and found.exists()
    except (OSError, ValueError, RuntimeError):  # too long, not text, links in a circle
        return False


def _step(state: RunState, address: str) -> Json:
    step = state.steps.get(address)
    if step is None or not stands(state, step):
        return {"status": "skipped", "output": None, "error": None}
    shown = {"status": step.status, "output": step.output, "error": _error(step.failure)}
    if step.planned.each is not None:
        items = items_of(state, step)
        shown["items"] = [{"status": i.status, "output": i.output, "error": _error(i.failure)} for i in items]
    return shown


def _error(failure: Failure | None) -> Json:
    if failure is None:
        return None
    return {"class": failure.kind, "name": failure.name, "message": failure.message, "detail": failure.detail}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
