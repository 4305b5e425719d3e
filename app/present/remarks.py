"""Where a run that nobody drives any more stood, in a few words for a list."""

from __future__ import annotations

from workflows.runs.state import RunState
from workflows.runs.tree import walk


def stopped_at(state: RunState) -> str:
    """`at step X`: what was at work when the run was interrupted, or had begun and was to go on by itself."""
    inner = [step for _, step in walk(state) if not step.over and not step.planned.holds_steps]
    found = [step.id for step in inner if step.status == "running"] or [
        step.id for step in inner if step.started is not None
    ]
    if not found:
        return "between steps"
    return f"at step {found[0]}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
