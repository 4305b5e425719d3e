"""Every expression is compiled once, with the names that its place allows; what it reads goes to the other checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.definition.checks.inside import FindingInside
from workflows.definition.outline import Outline, Placed
from workflows.definition.uses import Slots, Use, uses
from workflows.expressions import ExpressionError, Reference, compile_condition, compile_text
from workflows.steps.kind import Finding

EVERYWHERE = frozenset({"parameters", "steps", "context", "env", "secrets", "run"})
AFTER_THE_STEP = frozenset({"output", "error"})
"""What `undo`, `verify` and `notify` can read besides: how their step ended."""

PARTS = ("outputs", "error_handlers")
"""Keys of the workflow that hold expressions outside of steps."""


@dataclass(frozen=True)
class Reading:
    """One thing that an expression reads. `placed` is the step that it belongs to; None at the workflow itself."""

    placed: Placed | None
    use: Use
    reference: Reference

    @property
    def afterwards(self) -> bool:
        """Whether it is evaluated when its step is over."""
        return self.placed is not None and self.use.path[len(self.placed.path)] in ("undo", "verify", "notify")


def compile_all(outline: Outline, slots: Slots) -> tuple[list[Reading], list[Finding]]:
    """What the workflow's expressions read, and those that cannot be compiled."""
    readings: list[Reading] = []
    findings: list[Finding] = []
    for placed, use in _all_uses(outline, slots):
        if not use.text:
            continue  # a condition that is missing was said to be
        roots = EVERYWHERE | _more_roots(placed, use)
        try:
            compiled = (compile_condition if use.condition else compile_text)(use.text, roots=roots)
        except ExpressionError as error:
            word = re.match(r"\w+", use.text[error.offset :])
            length = len(word[0]) if word else 1
            findings.append(
                FindingInside(use.path, "bad-expression", error.message, error.hint, offset=error.offset, length=length)
            )
            continue
        # In a fixed order, so that the same file always gives the same diagnostics.
        references = sorted(compiled.references, key=lambda reference: (reference.root, str(reference.path)))
        readings += [Reading(placed, use, reference) for reference in references]
    return readings, findings


def _all_uses(outline: Outline, slots: Slots) -> Iterator[tuple[Placed | None, Use]]:
    for placed in outline.placed:
        for use in uses(placed.step, placed.path, slots):
            yield placed, use
    for use in uses(outline.workflow, (), slots):
        if use.path[0] in PARTS:
            yield None, use


def _more_roots(placed: Placed | None, use: Use) -> frozenset[str]:
    if placed is None:
        return frozenset({"error"}) if use.path[0] == "error_handlers" else frozenset()
    inside = use.path[len(placed.path)]
    roots = AFTER_THE_STEP if inside in ("undo", "verify", "notify") else frozenset[str]()
    if placed.stage is None:
        roots |= {"error"}
    if placed.step.foreach is not None and inside != "foreach":
        roots |= {placed.step.foreach.as_}
    return roots
