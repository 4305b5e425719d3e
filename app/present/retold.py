"""Reasons without what the line before has told: a failure's message is read once, not at each decision about it."""

from __future__ import annotations

from workflows.runs.state import RunState


def without_told(why: str, step: str, state: RunState) -> str:
    """A decision's reason, without the message of the try that it is about. A step that holds others tells no tries."""
    if state.steps[step].planned.holds_steps:
        return why
    told = {f": {attempt.failure.message}" for attempt in state.steps[step].attempts if attempt.failure}
    return next((why.removesuffix(message) for message in told if why.endswith(message)), why)
