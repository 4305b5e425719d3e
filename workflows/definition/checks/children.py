"""No workflow contains itself, directly or over others: it would never end."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition.children import calls, way_back
from workflows.definition.outline import Outline
from workflows.steps.kind import Catalogue, Finding


def check_children(outline: Outline, name: str, catalogue: Catalogue) -> Iterator[Finding]:
    """`name` is what the workflow itself is referred to by."""
    ways: dict[str, tuple[str, ...]] = {}
    for child, path in calls(outline, catalogue):
        if child not in ways:
            ways[child] = way_back(name, child, catalogue)
        if way := ways[child]:
            message = f"this workflow would never end: {' → '.join(way)}"
            yield Finding(path, "workflow-cycle", message, "let one of them go without the other")
