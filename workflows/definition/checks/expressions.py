"""Every expression is compiled once, with the names that its place allows; what it reads goes to the other checks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.definition.checks.inside import FindingInside
from workflows.definition.model import Step
from workflows.definition.outline import Outline, Placed
from workflows.definition.reader import MOST
from workflows.definition.uses import Slots, Use, uses
from workflows.expressions import ExpressionError, Reference, compile_condition, compile_text
from workflows.records import dataclass
from workflows.steps.kind import Finding

EVERYWHERE = frozenset({"parameters", "steps", "context", "env", "secrets", "run"})
AFTER_THE_STEP = frozenset({"output", "error"})
"""What `undo` and `notify` can read besides: how their step ended."""

OF_THE_WHOLE = ("foreach", "notify")
"""Keys of a step with `foreach` that belong to the whole, not to an item."""

PARTS = ("outputs", "error_handlers")
"""Keys of the workflow that hold expressions outside of steps."""


@dataclass(frozen=True)
class Reading:
    """One thing that an expression reads. `placed` is the step that it belongs to; None at the workflow itself."""

    placed: Placed | None
    use: Use
    reference: Reference

    @property
    def key(self) -> str:
        """The key of the step, or of the workflow, that the expression stands under."""
        return str(self.use.path[0 if self.placed is None else len(self.placed.path)])

    @property
    def afterwards(self) -> bool:
        """Whether it is evaluated when its step has acted."""
        return self.placed is not None and self.key in ("undo", "verify", "notify")

    @property
    def scope(self) -> tuple[Step, ...]:
        """The steps that it is inside of, the outermost first: with `foreach`, inside of one item."""
        if self.placed is None:
            return ()
        own = (self.placed.step,) if self.key in ("undo", "verify") else ()
        return (*self.placed.inside, *own)


def compile_all(outline: Outline, slots: Slots) -> tuple[list[Reading], list[Finding]]:
    """What the workflow's expressions read, and those that cannot be compiled."""
    readings: list[Reading] = []
    findings: list[Finding] = []
    for placed, use in _all_uses(outline, slots):
        if len(findings) >= MOST:
            break
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
    key, *inside = use.path[len(placed.path) :]
    roots = AFTER_THE_STEP if key in ("undo", "notify") else frozenset[str]()
    if key == "verify":
        # The call in doubt has no output yet; a verification's own is there when it is over.
        roots |= AFTER_THE_STEP if inside[:1] in (["happened"], ["result"]) else {"error"}
    if placed.stage is None:
        roots |= {"error"}
    around = placed.inside if key in OF_THE_WHOLE else (*placed.inside, placed.step)
    return roots | {step.foreach.as_ for step in around if step.foreach is not None}
