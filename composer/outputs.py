"""What expressions read of outputs, held against what steps are known to give: `steps.log.output.comits`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from composer.inventory import Inventory
from composer.shapes import ANSWER, ANYTHING, APPROVED, RESPONSE, Shape, missing, shape_of_returns, shape_of_schema
from workflows.definition.checks.expressions import compile_all
from workflows.definition.model import Step, Workflow
from workflows.definition.outline import outline
from workflows.definition.reader import Reader
from workflows.diagnostics import listed, suggest
from workflows.nodes import Document
from workflows.records import dataclass
from workflows.steps.kind import StepKind


@dataclass(frozen=True)
class Misread:
    """Something that is read and that nothing gives. `step` is who gives, `path` what is read of its output."""

    step: str
    path: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}: the output of '{self.step}' has no such field; {self.hint}"


def misread(workflow: Workflow, kinds: Mapping[str, StepKind], inventory: Inventory) -> Iterator[Misread]:
    """Every reading of a field that the output of its step is known not to have. The expressions are sound."""
    whole = outline(workflow)
    shapes = {placed.step.id: shape_of(placed.step, inventory) for placed in whole.placed}
    readings, _ = compile_all(whole, Reader(Document("", "", (), None), kinds).slots)
    for reading in readings:
        path = reading.reference.path
        own = reading.placed.step if reading.placed is not None else None
        if reading.reference.root == "output" and own is not None and reading.key == "undo":
            step, below = own.id, path
        elif reading.reference.root == "steps" and path[1:2] == ("output",) and isinstance(path[0], str):
            step, below = path[0], path[2:]
        else:
            continue
        shape = shapes.get(step, ANYTHING)
        if (gap := missing(shape, below)) is not None:
            written = f"steps.{step}.output" + "".join(
                f"[{key}]" if isinstance(key, int) else f".{key}" for key in below[: gap.at + 1]
            )
            hint = suggest(gap.key, gap.known) or (f"it has {listed(gap.known)}" if gap.known else "it is a list")
            yield Misread(step, written, hint)


def shape_of(step: Step, inventory: Inventory) -> Shape:
    """What a step gives, as far as anybody says it."""
    one = _of_one(step, inventory)
    return Shape(item=one) if step.foreach is not None else one


def _of_one(step: Step, inventory: Inventory) -> Shape:
    stated = shape_of_schema(step.output_schema) if step.output_schema is not None else ANYTHING
    named = str(getattr(step.fields, step.type, "") or "") if step.type in ("skill", "workflow") else ""
    if step.type == "skill":
        item = inventory.find("skill", named)
        return shape_of_returns(item.returns) if item else ANYTHING
    if step.type == "workflow":
        child = inventory.find("workflow", named)
        return Shape(dict.fromkeys(child.outputs, ANYTHING)) if child and child.outputs else ANYTHING
    known = {"http": RESPONSE, "approval": APPROVED, "agent": ANSWER}
    return known.get(step.type, stated)
