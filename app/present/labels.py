"""Words that say where no AI was at work. Whatever shows or exports a run shows them."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.runs.state import RunState, StepState
from workflows.values import Json

DEMO = "DEMO (scripted, no AI)"
TEMPLATE = "TEMPLATE TEXT (no AI)"


def models_of(step: StepState) -> tuple[str, ...]:
    """The models that answered in this step, in the order they were first used."""
    if step.reused is not None:
        return step.reused.models
    return tuple(dict.fromkeys(call.usage.model for call in step.calls.values() if call.usage is not None))


def cached_of(state: RunState) -> int:
    """How many of the tokens that models read came from their provider's cache, as far as that was told."""
    usages = (call.usage for step in state.steps.values() for call in step.calls.values())
    return sum(usage.tokens_cached or 0 for usage in usages if usage is not None)


def model_label(model: str) -> str:
    """The label of a simulated model's words."""
    return DEMO if model.startswith("demo/") else TEMPLATE


def step_label(step: StepState) -> str:
    """The label of what a step gave: the one of the simulated model that answered last, empty where an AI did."""
    if step.reused is not None:
        models = step.reused.models
        return model_label(models[-1] if models else "") if step.reused.spent.simulated else ""
    if step.saved is not None:
        return model_label(next(_simulated_in(step.output), "")) if step.saved.simulated else ""
    last = None
    for call in step.calls.values():
        if call.usage is not None:
            last = call.usage
    return model_label(last.model) if last is not None and last.simulated else ""


def _simulated_in(output: Json) -> Iterator[str]:
    """The models that no AI was, of the agents' outputs in one that was taken from an earlier run."""
    if isinstance(output, dict):
        if output.get("simulated") is True and isinstance(output.get("model"), str):
            yield str(output["model"])
        for value in output.values():
            yield from _simulated_in(value)
    elif isinstance(output, list):
        for value in output:
            yield from _simulated_in(value)


def run_label(state: RunState) -> str:
    """The label of a whole run: of a demo, or of one whose texts came from no AI, or partly so."""
    if state.simulated:
        return state.simulated
    labels = tuple(dict.fromkeys(label for step in state.steps.values() if (label := step_label(step))))
    return ", ".join(labels)
