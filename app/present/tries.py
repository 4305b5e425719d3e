"""How often a step was tried, as a reader counts it."""

from __future__ import annotations

from workflows.runs.state import Attempt, RunState, StepState


def tries_of(state: RunState, step: StepState) -> int:
    """Its tries, without those that ended before they did anything: for want of budget, or because the program
    stopped while they waited for a person."""
    return sum(not attempt.stood_back and not _waited(state, step, attempt) for attempt in step.attempts)


def _waited(state: RunState, step: StepState, attempt: Attempt) -> bool:
    """Whether a stop cut it off while it waited for an answer."""
    if not attempt.interrupted or attempt.ended is None:
        return False
    asked = [state.inquiries[entry] for entry in step.inquiries]
    return any(
        inquiry.attempt == attempt.n
        and inquiry.at <= attempt.ended
        and (inquiry.answered_at is None or inquiry.answered_at >= attempt.ended)
        for inquiry in asked
    )
