"""Expressions name parameters, environment variables and facts of the run that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workflows.definition.checks.expressions import Reading
from workflows.definition.checks.inside import FindingInside, spot
from workflows.definition.model import Step
from workflows.definition.outline import Outline
from workflows.diagnostics import listed, suggest
from workflows.steps.kind import Finding

RUN = ("id", "workflow", "started", "root")
"""What expressions can read of the run."""

STEP = ("output", "status", "error")
"""What expressions can read of a step."""


ITEMS = ("items",)
"""What they can read besides of a step with `foreach`."""


def check_names(outline: Outline, readings: Iterable[Reading], *, sure: bool) -> Iterator[Finding]:
    """`sure` is false where the parameters could not be read whole: then none is said to be unknown."""
    workflow = outline.workflow
    parameters = [parameter.name for parameter in workflow.parameters]
    for reading in readings:
        root, path = reading.reference.root, reading.reference.path
        if not path:
            continue
        first = str(path[0])
        if root == "context" and not (workflow.context and workflow.context.preserve):
            hint = "to keep what steps give, say 'context: {preserve: true}'"
            message = "this workflow merges nothing into the context: it has only what a calling workflow handed on"
            yield replace(_at(reading, -1, "no-effect", message, hint), warning=True)
        if root == "parameters" and first not in parameters and sure:
            hint = suggest(first, parameters) or _those("parameters", parameters)
            yield _at(reading, 0, "unknown-parameter", f"there is no parameter '{first}'", hint)
        elif root == "env" and first not in workflow.env:
            hint = suggest(first, workflow.env) or f"declare it at the top: env: [{', '.join([*workflow.env, first])}]"
            yield _at(reading, 0, "unknown-env", f"the workflow declares no environment variable '{first}'", hint)
        elif root == "run" and first not in RUN:
            hint = suggest(first, RUN) or _those("facts", RUN)
            yield _at(reading, 0, "unknown-key", f"a run has no '{first}'", hint)
        elif root == "steps" and len(path) > 1:
            placed = outline.by_id.get(first)
            yield from _of_step(reading, placed.step if placed else None)


def _of_step(reading: Reading, step: Step | None) -> Iterator[Finding]:
    first, what, *rest = (str(key) for key in reading.reference.path[:3])
    repeated = step is not None and step.foreach is not None
    known = (*STEP, *ITEMS) if repeated else STEP
    if what not in known:
        hint = suggest(what, known) or f"its output is steps.{first}.output"
        why = f"'{first}' has no 'items': it has no foreach" if step and what in ITEMS else f"a step has no '{what}'"
        yield _at(reading, 1, "unknown-key", why, hint)
    elif repeated and what in ("output", "items") and rest and isinstance(reading.reference.path[2], str):
        message = f"the {what} of '{first}' is a list, in the order of its items: it has no '{rest[0]}'"
        hint = f"read one, steps.{first}.{what}[0].{rest[0]}, or all, steps.{first}.{what} | map('{rest[0]}')"
        yield _at(reading, 2, "unknown-key", message, hint)


def _at(reading: Reading, key: int, code: str, message: str, hint: str) -> Finding:
    offset, length = spot(reading.use.text, reading.reference, key)
    return FindingInside(reading.use.path, code, message, hint, offset=offset, length=length)


def _those(what: str, names: Iterable[str]) -> str:
    known = listed(names)
    return f"{what} are {known}" if known else f"the workflow has no {what}"
