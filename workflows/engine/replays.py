"""only_replays(state, step): whether another try would come to the same end as the last one. Pure."""

from __future__ import annotations

from workflows.runs.state import RunState, StepState


def only_replays(state: RunState, step: StepState) -> bool:
    """Whether all that the last try did is done, and would be replayed: its calls, and what a person answered in it."""
    last = step.last
    if last is None or last.status != "failed" or last.failed_call:
        return False
    asked = (state.inquiries[entry] for entry in step.inquiries)
    answered = any(
        inquiry.asked.reason in ("approval", "question")
        and inquiry.asked.key != "gate"
        and inquiry.generation == step.generation
        and inquiry.answer is not None
        and inquiry.answer.by != "default"
        for inquiry in asked
    )
    return answered or bool(step.live_calls)
