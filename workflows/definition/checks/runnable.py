"""What the language has and the engine does not do yet. Whoever builds it deletes its line here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflows.definition.checks.expressions import Reading
from workflows.definition.checks.inside import FindingInside, spot
from workflows.definition.modifiers import Action
from workflows.definition.outline import Outline
from workflows.steps.kind import Finding, StepKind

Path = tuple[str | int, ...]

NOT_YET: Mapping[str, str] = {
    "workflow.budget": "a budget",
    "workflow.timeout": "a timeout of the whole run",
    "workflow.max_parallel": "a limit for the whole run",
    "workflow.error_handlers": "error handlers",
    "workflow.rollback": "rollback steps",
    "workflow.finally": "finally steps",
    "metadata.timeout": "a timeout of the whole run",
    "metadata.retry_policy": "a retry policy for all steps",
    "context.preserve": "merging outputs into the context",
    "step.idle_timeout": "an idle timeout",
    "step.undo": "undoing a step",
    "step.verify": "verifying a step",
    "step.foreach": "repeating a step for each item",
    "step.cache": "caching a result",
    "step.irreversible": "marking a step as irreversible",
    "step.output_schema": "checking an output against a schema",
    "step.notify": "telling somebody how a step ended",
    "step.on_failure=rollback": "rolling back on failure",
    "retry.backoff=adaptive": "adaptive backoff",
    "expression.secrets": "reading secrets",
    "expression.context": "reading the context",
}
"""Where (`part.key`, `part.key=value`, or an expression's name), and what that would be."""

HINT = "take it out to run the workflow now"


def check_runnable(outline: Outline, readings: Iterable[Reading], kinds: Mapping[str, StepKind]) -> Iterator[Finding]:
    workflow = outline.workflow
    yield from _part("workflow", workflow, ())
    yield from _part("metadata", workflow.metadata, ("metadata",))
    yield from _part("context", workflow.context, ("context",))
    if workflow.metadata is not None:
        yield from _part("retry", workflow.metadata.retry_policy, ("metadata", "retry_policy"))
    for placed in outline.placed:
        yield from _part("step", placed.step, placed.path)
        yield from _part("retry", placed.step.retry, (*placed.path, "retry"))
        works: list[tuple[Path, str]] = [(placed.path, placed.step.type)]
        for key in ("undo", "verify"):
            action = getattr(placed.step, key)
            if isinstance(action, Action):
                works.append(((*placed.path, key), action.type))
        for path, type_ in works:
            if type_ in kinds and not kinds[type_].runnable:
                yield _finding((*path, "type"), f"steps of the kind '{type_}'")
    for reading in readings:
        if what := NOT_YET.get(f"expression.{reading.reference.root}"):
            offset, length = spot(reading.use.text, reading.reference, -1)
            found = _finding(reading.use.path, what)
            yield FindingInside(found.path, found.code, found.message, found.hint, offset=offset, length=length)


def _part(name: str, part: Any, path: Path) -> Iterator[Finding]:
    """Findings for the keys of a part that are given and in the table."""
    if part is None:
        return
    for field in sorted(part.model_fields_set):
        info = type(part).model_fields[field]
        key, value = info.alias or field, getattr(part, field)
        what = NOT_YET.get(f"{name}.{key}") or (
            NOT_YET.get(f"{name}.{key}={value}") if isinstance(value, str) else None
        )
        if what and value != info.get_default(call_default_factory=True):
            yield _finding((*path, key), what)


def _finding(path: Path, what: str) -> Finding:
    return Finding(path, "not-runnable-yet", f"not runnable yet: {what}", HINT)
