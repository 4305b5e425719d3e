"""How a step's end in one run counts in another. Pure."""

from __future__ import annotations

from workflows.runs import events as e
from workflows.runs.state import RunState, StepState


def reused(origin: RunState, step: StepState) -> e.StepReused:
    """The event by which a step's end in this run counts in another."""
    assert step.over
    known = step.reused
    spent = known.spent if known else step.saved or step.spent
    models = dict.fromkeys(call.usage.model for call in step.calls.values() if call.usage is not None)
    return e.StepReused(
        step.id,
        known.run if known else step.cached_from or origin.run_id,
        _ended(step),
        step.input,
        step.output,
        step.failure,
        step.then,
        step.why,
        step.performer,
        spent,
        known.models if known else tuple(models),
        known.by if known else "",
    )


def _ended(step: StepState) -> e.Reusable:
    match step.status:
        case "succeeded" | "failed" | "cancelled" | "blocked" | "skipped" | "undone" as status:
            return status
    raise AssertionError(f"{step.id} is not over")
