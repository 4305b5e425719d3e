"""Where a run that nobody drives any more stood, in a few words for a list."""

from __future__ import annotations

from app.present.figures import plural
from workflows.runs.state import RunState, StepState
from workflows.runs.tree import walk


def interrupted_lines(state: RunState, key: str) -> list[str]:
    """What it means that a run was interrupted, and how it goes on: with this key."""
    done = sum(step.status in ("succeeded", "skipped") for step in state.steps.values())
    lines = [
        f"Interrupted {stopped_at(state)}: whoever ran it is gone.",
        "Nothing is done and nothing is spent before somebody goes on with it.",
        "",
        f"{plural(done, 'step')} done: {'it is' if done == 1 else 'they are'} not done again." if done else "",
        *(f"{step.id}: it may have happened, so you are asked about it." for step in _in_doubt(state)),
        f"{key} goes on with it; on a command line: understudy resume {state.run_id}",
    ]
    return [line for at, line in enumerate(lines) if line or at == 2]


def _in_doubt(state: RunState) -> list[StepState]:
    """The steps that were in the middle of what must not be done twice, or ended so."""
    return [
        step
        for step in state.steps.values()
        if not step.over
        and any(call.effect == "unsafe" and call.status in ("started", "unknown") for call in step.live_calls)
    ]


def stopped_at(state: RunState) -> str:
    """`at step X`: what was at work when the run was interrupted, or had begun and was to go on by itself."""
    inner = [step for _, step in walk(state) if not step.over and not step.planned.holds_steps]
    found = [step.id for step in inner if step.status == "running"] or [
        step.id for step in inner if step.started is not None
    ]
    if not found:
        return "between steps"
    return f"at step {found[0]}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
