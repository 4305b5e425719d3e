"""Ids are unique: steps among all steps of the file, parameters among parameters."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition.outline import Outline
from workflows.steps.kind import Finding


def check_ids(outline: Outline) -> Iterator[Finding]:
    seen: set[str] = set()
    for placed in outline.placed:
        if placed.step.id in seen and placed.step.id:
            message = f"the id '{placed.step.id}' is taken by an earlier step"
            yield Finding((*placed.path, "id"), "duplicate-id", message, "give each step of the file an id of its own")
        seen.add(placed.step.id)
    names: set[str] = set()
    for index, parameter in enumerate(outline.workflow.parameters):
        if parameter.name in names and parameter.name:
            message = f"there is a parameter '{parameter.name}' already"
            yield Finding(("parameters", index, "name"), "duplicate-id", message)
        names.add(parameter.name)
