"""What steps name exists here: skills, agents, workflows, and the agents that take over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows.definition.modifiers import Action
from workflows.definition.outline import Outline, Placed
from workflows.diagnostics import suggest
from workflows.steps.arguments import check_named
from workflows.steps.kind import Catalogue, Finding, StepKind

NAMES = frozenset({"unknown-skill", "unknown-agent", "unknown-workflow"})
"""Codes of findings that need no more of a step than the name itself."""


def check_catalogue(
    outline: Outline, kinds: Mapping[str, StepKind], catalogue: Catalogue, whole: Callable[[Placed], bool]
) -> Iterator[Finding]:
    """`whole` says whether a step could be read whole. Of one that could not, only the names are sure."""
    for placed in outline.placed:
        found = _step(placed, kinds, catalogue)
        yield from found if whole(placed) else (finding for finding in found if finding.code in NAMES)
    rollback = {placed.step.id for placed in outline.placed if placed.path[0] == "rollback"}
    for index, handler in enumerate(outline.workflow.error_handlers):
        for position, name in enumerate(handler.steps):
            if name not in rollback and not catalogue.find("skill", name) and not catalogue.find("workflow", name):
                hint = suggest(name, [*rollback, *catalogue.names("skill"), *catalogue.names("workflow")])
                message = f"there is no rollback step, skill or workflow '{name}'"
                yield Finding(("error_handlers", index, "steps", position), "unknown-skill", message, hint)


def _step(placed: Placed, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> Iterator[Finding]:
    step = placed.step
    if step.type in kinds:
        for finding in kinds[step.type].check(step.fields, catalogue):
            yield replace(finding, path=(*placed.path, *finding.path))
    for key in ("undo", "verify"):
        action = getattr(step, key)
        if isinstance(action, Action) and action.type in kinds:
            for finding in kinds[action.type].check(action.fields, catalogue):
                yield replace(finding, path=(*placed.path, key, *finding.path))
    for index, name in enumerate(step.fallback):
        yield from check_named("agent", name, (*placed.path, "fallback", index), catalogue)
