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
    plan, steps = state.plan, state.steps
    for stage in plan.stages:
        still = [name for name in stage.steps if not steps[name].over]
        if not still:
            continue
        # A later stage waits for all of this one, so looking further finds nothing. In a stage of width 1 each step
        # waits for the one before it, so only the first can be ready.
        pending = [name for name in (still[:1] if stage.width == 1 else still) if steps[name].status == "pending"]
        candidates = [plan.by_id[name] for name in pending if all(steps[o].over for o in plan.by_id[name].after)]
        candidates.sort(key=lambda step: -plan.downstream[step.id])
        # A step that waits for a person leaves its place to its siblings.
        room = stage.width - sum(steps[name].status == "running" or steps[name].retry_at is not None for name in still)
        return tuple(candidates[: max(room, 0)])
    return ()


def waits_for(state: RunState, step: str) -> Collection[str]:
    """The steps that must be over before this one may start."""
    return tuple(other for other in state.plan.by_id[step].after if not state.steps[other].over)
