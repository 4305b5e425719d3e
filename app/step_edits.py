"""What a person changed in a step's input, as edits of the workflow's file: for those who want it so from now on."""

from __future__ import annotations

from collections.abc import Iterator

from app.desk import Desk
from app.edits import must_be_writable
from app.named_workflows import WorkflowFile
from app.present.inquiry import item_of
from composer.edit import Edit, SetField, steps_of
from workflows.definition.places import Path
from workflows.errors import UnderstudyError
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import home_of
from workflows.values import Json


def file_of(desk: Desk, state: RunState, step: StepState) -> WorkflowFile:
    """The file in which a step of a run stands, where an edit of the step can be written to it.

    Raises UnderstudyError, saying why it cannot be.
    """
    if home_of(state, step).owner:
        raise UnderstudyError("It stands in a workflow that this one calls.")
    if item_of(state, step) is not None:
        raise UnderstudyError("In the file it stands once for all items.")
    file = desk.load(state.workflow)
    must_be_writable(desk, file)
    if step.planned.id not in steps_of(file.written or file.text):
        raise UnderstudyError(f"{file.path.name} has no step {step.planned.id} any more.")
    return file


def edits_of(before: Json, after: Json, step: str) -> tuple[Edit, ...]:
    """Edits of a step by its id, for all that is another value now; what stayed keeps its expressions in the file."""
    return tuple(SetField(path, value, step) for path, value in _differing(before, after, ()))


def _differing(before: Json, after: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield path, after
        return
    for key, value in after.items():
        yield from _differing(before.get(key), value, (*path, key))
