"""What could be better in a workflow's file, by the rules and by what earlier runs of it say."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from app.drafts import plan_of
from app.named_workflows import Invalid, WorkflowFile
from composer.optimise import History, Subject, Suggestion, history_of, suggestions
from workflows.definition.model import Workflow
from workflows.journal.port import Query

if TYPE_CHECKING:
    from app.desk import Desk

RECENT = 20
"""Runs that are looked at, the newest."""


async def look_back(desk: Desk, file: WorkflowFile) -> History:
    """What the newest runs of a workflow say of its steps. Raises StoreError."""
    runs = await desk.runs(Query(status=("succeeded", "failed"), workflow=file.stem, limit=RECENT))
    return history_of([await desk.state(run.run_id) for run in runs if not run.simulated])


def suggest(
    desk: Desk, file: WorkflowFile, history: History, only: Collection[str] = (), text: str = ""
) -> tuple[Suggestion, ...]:
    """What the rules say of a workflow, or of another text of it. Raises Invalid where it has errors."""
    text = text or file.text
    parsed = desk.parse(text, file.path)
    if parsed.workflow is None or parsed.errors:
        raise Invalid(file)

    def read(changed: str) -> Workflow | None:
        found = desk.parse(changed, file.path)
        return found.workflow if found.valid else None

    plan = plan_of(desk, parsed.workflow)
    subject = Subject(text, parsed.workflow, plan, history, cores=os.cpu_count() or 1)
    return suggestions(subject, read, only)


def still(desk: Desk, file: WorkflowFile, history: History, suggestion: Suggestion, text: str) -> Suggestion | None:
    """The same suggestion for a text that others have changed; None where it no longer holds there."""
    found = suggest(desk, file, history, [suggestion.rule], text)
    return next((each for each in found if each.steps == suggestion.steps), None)
