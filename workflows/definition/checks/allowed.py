"""What the settings of a place allow a workflow to have: so many steps, and conditions or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.definition.outline import Outline
from workflows.steps.kind import Finding

TURNED_OFF = ("too-many-steps", "conditions-turned-off")
"""Codes of these errors: the file is sound, and may not run here."""


@dataclass(frozen=True)
class Allowed:
    """`steps` is how many a file may have, wherever they are written in it; None for any number."""

    steps: int | None = None
    conditions: bool = True


ALL = Allowed()


def check_allowed(whole: Outline, allowed: Allowed) -> Iterator[Finding]:
    """A file with more steps than it may have, and every condition where there may be none."""
    written = len(whole.placed)
    if allowed.steps is not None and written > allowed.steps:
        yield Finding(
            whole.placed[allowed.steps].path,
            "too-many-steps",
            f"the workflow has {written} steps; execution.max_steps_per_workflow allows {allowed.steps}",
            "raise that setting, or put some of the steps into a workflow of their own",
        )
    if allowed.conditions:
        return
    for placed in whole.placed:
        key = "when" if placed.step.when else "type" if placed.step.type == "decision" else ""
        if key:
            yield Finding(
                (*placed.path, key),
                "conditions-turned-off",
                f"{placed.step.id or 'this step'} depends on a condition, and execution.enable_conditional_execution "
                "is false",
                "set it to true in settings.yaml, or take the condition out",
            )
