"""Undoing, verifying and rolling back have a meaning where the file asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition.modifiers import Action
from workflows.definition.outline import Outline, Placed
from workflows.steps.kind import Finding, StepKind


def check_recovery(outline: Outline, kinds: Mapping[str, StepKind]) -> Iterator[Finding]:
    for placed in outline.placed:
        for key in ("undo", "verify"):
            action = getattr(placed.step, key)
            if isinstance(action, Action) and action.type in kinds and hasattr(kinds[action.type].fields, "nested"):
                message = f"{key} is one piece of work; a {action.type} step holds steps"
                yield Finding((*placed.path, key, "type"), "conflict", message, "put them into a workflow, and call it")
        if placed.stage is None:
            yield from _in_block(placed)


def _in_block(placed: Placed) -> Iterator[Finding]:
    """A step of `rollback` or `finally`: what was done is undone, or kept, before it runs."""
    block = placed.path[0]
    if placed.step.on_failure == "rollback":
        message = f"a step of {block} cannot roll back: that is over when it runs"
        hint = "such as 'continue', to go on with the next one"
        yield Finding((*placed.path, "on_failure"), "conflict", message, hint)
    if placed.step.undo is not None:
        message = f"undo has no effect in {block}: nothing undoes its steps"
        yield Finding((*placed.path, "undo"), "no-effect", message, warning=True)
