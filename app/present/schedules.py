"""When a workflow would start by itself, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition.dump import written
from workflows.definition.model import Workflow
from workflows.text import one_line
from workflows.values import Json


def schedule_lines(workflow: Workflow | None) -> Iterator[str]:
    """The rules, and what has to happen before they count. Nothing where it starts only when it is told to."""
    if workflow is not None and workflow.schedules:
        rules = one_line(", ".join(rule.words for rule in workflow.schedules), 300)
        yield f"schedule: {rules}; it starts by itself once it is published to a server"


def schedule_document(workflow: Workflow | None) -> Json:
    """The rules as their file says them."""
    return [written(rule) for rule in workflow.schedules] if workflow is not None else []
