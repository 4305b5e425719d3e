"""Whether what a step asked from inside keeps it from going on, and which approval a call of it may use. Pure."""

from __future__ import annotations

from workflows.runs.state import Inquiry, RunState, StepState
from workflows.steps.context import OF_A_CALL


def held_by_people(state: RunState, step: StepState) -> bool:
    """Whether a step can do nothing before somebody answers.

    An agent that asked for several tools goes on with each as it is answered, whatever became of its process meanwhile.
    """
    if not step.inquiries:
        return False
    waiting = [state.inquiries[entry] for entry in step.inquiries if state.inquiries[entry].open]
    if any(not inquiry.asked.tool for inquiry in waiting):
        return True
    if step.in_doubt is not None or not any(inquiry.generation == step.generation for inquiry in waiting):
        return False
    return step.retry_at is None and not any(_to_be_done(step, state.inquiries[entry]) for entry in step.inquiries)


def _to_be_done(step: StepState, inquiry: Inquiry) -> bool:
    """Whether a tool was allowed or denied, and the agent has not acted on it yet."""
    if not inquiry.asked.tool or inquiry.answer is None or inquiry.voided or inquiry.generation != step.generation:
        return False
    call = step.calls.get(inquiry.asked.key.removesuffix(OF_A_CALL))
    return call is None or call.status in ("interrupted", "failed")


def is_used_up(step: StepState, inquiry: Inquiry) -> bool:
    """Whether an approval was used. It counts on for the very call that it was used for, where that was cut off."""
    call = step.calls.get(inquiry.asked.key.removesuffix(OF_A_CALL))
    return inquiry.used and (call is None or call.status != "interrupted")
