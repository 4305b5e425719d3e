"""What steps name exists here: skills, agents, workflows, and the agents that take over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows.definition.children import rollback_ids
from workflows.definition.modifiers import Action, Notify
from workflows.definition.outline import Outline, Path, Placed
from workflows.diagnostics import suggest
from workflows.parts import part_of
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
    for index, handler in enumerate(outline.workflow.error_handlers):
        yield from _channel(handler.notify, ("error_handlers", index), kinds, catalogue)
        for position, name in enumerate(handler.steps):
            if name and name not in rollback_ids(outline):
                yield from _handlers_step(name, ("error_handlers", index, "steps", position), outline, catalogue)


def _handlers_step(name: str, path: Path, outline: Outline, catalogue: Catalogue) -> Iterator[Finding]:
    """A skill, else a workflow, that is called without arguments."""
    entry = catalogue.find("skill", name) or catalogue.find("workflow", name)
    if entry is None:
        known = [*sorted(rollback_ids(outline)), *catalogue.names("skill"), *catalogue.names("workflow")]
        message = f"there is no rollback step, skill or workflow '{name}'"
        yield Finding(path, "unknown-skill", message, suggest(name, known))
        return
    yield from check_named(entry.what, name, path, catalogue)
    if not entry.problem and isinstance(entry.parameters, dict) and entry.parameters.get("required"):
        needed = ", ".join(str(name) for name in entry.parameters["required"])
        message = f"a handler calls '{name}' without arguments, and it needs {needed}"
        hint = "write a step of the rollback block that calls it, and name that"
        yield Finding(path, "missing-argument", message, hint)


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
    yield from _channel(step.notify, placed.path, kinds, catalogue)
    for index, name in enumerate(step.fallback):
        yield from check_named("agent", name, (*placed.path, "fallback", index), catalogue)


def _channel(
    notify: bool | Notify, path: Path, kinds: Mapping[str, StepKind], catalogue: Catalogue
) -> Iterator[Finding]:
    """A channel that somebody is told over, as a notification step would say it."""
    if isinstance(notify, Notify) and notify.channel and "notification" in kinds:
        kind = kinds["notification"]
        for finding in kind.check(part_of(kind.fields, {"channel": notify.channel, "text": ""}), catalogue):
            yield replace(finding, path=(*path, "notify", *finding.path))
