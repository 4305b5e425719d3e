"""What the settings of a place allow a workflow to have: so many steps, and conditions or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition.outline import Outline
from workflows.records import dataclass
from workflows.steps.kind import Finding

TURNED_OFF = ("too-many-steps", "conditions-turned-off", "unknown-resource")
"""Codes of these errors: the file is sound, and may not run here."""


@dataclass(frozen=True)
class Allowed:
    """`steps` is how many a file may have, wherever they are written in it; None for any number.

    `resources` is how much there is of what workflows need, by name; None where nobody knows yet.
    """

    steps: int | None = None
    conditions: bool = True
    resources: Mapping[str, int] | None = None


ALL = Allowed()


def check_allowed(whole: Outline, allowed: Allowed) -> Iterator[Finding]:
    """Steps beyond what a file may have, conditions where there may be none, and resources of which there is less."""
    for name, count in whole.workflow.resources.items() if allowed.resources is not None else ():
        there = (allowed.resources or {}).get(name, 0)
        if count > there:
            have = f"there is only {there} of it" if there else "there is none of it"
            yield Finding(
                ("resources", name),
                "unknown-resource",
                f"a run needs {count} of '{name}', and {have}",
                f"say how much there is: resources.capacities.{name} in settings.yaml",
            )
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
