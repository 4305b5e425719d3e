"""ready(state): which steps may start now, in which order; and why the rest may not. Pure."""

from __future__ import annotations

from collections.abc import Collection

from workflows.planning.plan import PlannedStep
from workflows.runs.state import RunState


def ready(state: RunState) -> tuple[PlannedStep, ...]:
    """The pending steps whose needs are over and whose stage has room, those that hold up the most others first.

    A paused, aborting or finished run starts nothing.
    """
    if state.paused or state.aborting or state.over or not state.counts.get("pending", 0):
        return ()
    found: list[PlannedStep] = []
    for stage in state.plan.stages:
        steps = [state.steps[name] for name in stage.steps]
        if all(step.over for step in steps):
            continue
        # A step that waits for a person leaves its place to its siblings.
        room = stage.width - sum(step.status == "running" or step.retry_at is not None for step in steps)
        candidates = [
            state.plan.by_id[step.id]
            for step in steps
            if step.status == "pending" and all(state.steps[other].over for other in state.plan.by_id[step.id].after)
        ]
        if stage.width > 1:
            candidates.sort(key=lambda step: -state.plan.downstream[step.id])
        found += candidates[: max(room, 0)]
        # A later stage waits for all of this one, so looking further finds nothing.
        break
    return tuple(found)


def waits_for(state: RunState, step: str) -> Collection[str]:
    """The steps that must be over before this one may start."""
    return tuple(other for other in state.plan.by_id[step].after if not state.steps[other].over)
