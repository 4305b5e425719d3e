"""The workflows that a workflow calls, where it says so, and whether it comes back to itself that way."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition.model import Workflow
from workflows.definition.modifiers import Action
from workflows.definition.outline import Outline, Path, outline
from workflows.steps.kind import Catalogue, Fields


def called(workflow: Workflow, catalogue: Catalogue) -> tuple[str, ...]:
    """The names of the workflows that it calls directly, each once, in the order of the file."""
    return tuple(dict.fromkeys(name for name, _ in calls(outline(workflow), catalogue)))


def calls(outline: Outline, catalogue: Catalogue) -> Iterator[tuple[str, Path]]:
    """The name of every workflow that a step, an undo, a verification or a handler calls, and the path to it."""
    for placed in outline.placed:
        works: list[tuple[str, Fields, Path]] = [(placed.step.type, placed.step.fields, placed.path)]
        for key in ("undo", "verify"):
            action = getattr(placed.step, key)
            if isinstance(action, Action):
                works.append((action.type, action.fields, (*placed.path, key)))
        for type_, fields, path in works:
            name = getattr(fields, "workflow", "")
            if type_ == "workflow" and isinstance(name, str) and name:
                yield name, (*path, "workflow")
    own = rollback_ids(outline)
    for index, handler in enumerate(outline.workflow.error_handlers):
        for position, name in enumerate(handler.steps):
            of_other_sort = name in own or catalogue.find("skill", name)
            if not of_other_sort and catalogue.find("workflow", name):
                yield name, ("error_handlers", index, "steps", position)


def rollback_ids(outline: Outline) -> frozenset[str]:
    """The ids that a handler's `steps` can name: those of the rollback block, not of steps inside of steps."""
    block = outline.workflow.rollback
    return frozenset(step.id for step in block.steps) if block is not None else frozenset()


def way_back(name: str, child: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The shortest way from a workflow over this child to one that was met before, empty where there is none.

    `a` that calls `b` that calls `a` gives a, b, a; one that calls `b` that calls itself gives a, b, b.
    """
    frontier: list[tuple[str, ...]] = [(name, child)]
    seen: set[str] = set()
    while frontier:
        following: list[tuple[str, ...]] = []
        for way in frontier:
            entry = catalogue.find("workflow", way[-1])
            if entry is None:
                continue
            if way[-1] in way[:-1]:
                return way
            if way[-1] in seen:
                continue
            seen.add(way[-1])
            following += [(*way, each) for each in entry.uses]
        frontier = following
    return ()
