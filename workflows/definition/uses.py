"""The expressions of a workflow: every text that has one, and the path to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflows.definition.model import Step
from workflows.definition.shapes import Holds
from workflows.definition.slots import Slot
from workflows.parts import Part
from workflows.records import dataclass
from workflows.values import Json

Path = tuple[str | int, ...]
Slots = Callable[[type[Part]], dict[str, Slot]]


@dataclass(frozen=True)
class Use:
    """A text with an expression in it, or a condition. `path` leads to it."""

    path: Path
    text: str
    condition: bool


def uses(part: Part, path: Path, slots: Slots) -> Iterator[Use]:
    """The expressions of a part of a workflow, but not of the steps inside it."""
    for key, slot in slots(type(part)).items():
        value = getattr(part, slot.field)
        if value is None or value is False or value == ():
            continue  # most keys are not there, and their shapes are not even looked for
        if holds := slot.shape.holds:
            yield from _inside(value, holds, (*path, key), slots)
    fields = getattr(part, "fields", None)
    if isinstance(fields, Part):
        yield from uses(fields, path, slots)


def _inside(value: Any, holds: Holds, path: Path, slots: Slots) -> Iterator[Use]:
    if isinstance(value, Step) or value is None:
        return
    if isinstance(value, Part):
        yield from uses(value, path, slots)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _inside(item, holds, (*path, index), slots)
    elif holds == "condition":
        yield Use(path, value, True)
    else:
        yield from _texts(value, path)


def _texts(value: Json, path: Path) -> Iterator[Use]:
    if isinstance(value, str):
        if "${{" in value:
            yield Use(path, value, False)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
