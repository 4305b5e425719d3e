"""Expressions name parameters, environment variables and facts of the run that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.definition.checks.expressions import Reading
from workflows.definition.checks.inside import FindingInside, spot
from workflows.definition.model import Workflow
from workflows.diagnostics import suggest
from workflows.steps.kind import Finding

RUN = ("id", "workflow", "started", "root")
"""What expressions can read of the run."""

STEP = ("output", "status", "error")
"""What expressions can read of a step."""


def check_names(workflow: Workflow, readings: Iterable[Reading], *, sure: bool) -> Iterator[Finding]:
    """`sure` is false where the parameters could not be read whole: then none is said to be unknown."""
    parameters = [parameter.name for parameter in workflow.parameters]
    for reading in readings:
        root, path = reading.reference.root, reading.reference.path
        if not path:
            continue
        first = str(path[0])
        if root == "parameters" and first not in parameters and sure:
            hint = suggest(first, parameters) or _those("parameters", parameters)
            yield _at(reading, 0, "unknown-parameter", f"there is no parameter '{first}'", hint)
        elif root == "env" and first not in workflow.env:
            hint = suggest(first, workflow.env) or f"declare it at the top: env: [{', '.join([*workflow.env, first])}]"
            yield _at(reading, 0, "unknown-env", f"the workflow declares no environment variable '{first}'", hint)
        elif root == "run" and first not in RUN:
            hint = suggest(first, RUN) or _those("facts", RUN)
            yield _at(reading, 0, "unknown-key", f"a run has no '{first}'", hint)
        elif root == "steps" and len(path) > 1 and path[1] not in STEP:
            hint = suggest(str(path[1]), STEP) or f"its output is steps.{first}.output"
            yield _at(reading, 1, "unknown-key", f"a step has no '{path[1]}'", hint)


def _at(reading: Reading, key: int, code: str, message: str, hint: str) -> Finding:
    offset, length = spot(reading.use.text, reading.reference, key)
    return FindingInside(reading.use.path, code, message, hint, offset=offset, length=length)


def _those(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"{what} are {listed}" if listed else f"the workflow has no {what}"
