"""What a step with `cache` gave before: the key it is kept under, and looking it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.engine.scope import evaluate
from workflows.journal.port import Remembered, StoreError
from workflows.runs.state import RunState, StepState
from workflows.secrets import hide
from workflows.values import digest

if TYPE_CHECKING:
    from workflows.engine.recorder import Recorder


def cache_key(state: RunState, step: StepState, code: str) -> str:
    """What the step's output depends on, as one digest: its kind, input, code and stated key. Empty without `cache`.

    What a demonstration gave is never taken for real.

    Raises ExpressionError where the key cannot be evaluated.
    """
    remember = step.planned.remember
    if remember is None:
        return ""
    performer = step.planned.performers[step.performer]
    stated = evaluate(state, remember.key, step)
    return digest([step.planned.kind, hide(step.input), performer, code, stated, state.simulated])


async def recall(recorder: Recorder, step: StepState, key: str) -> Remembered | None:
    """What is remembered under the key and not too old; None where there is nothing, or it cannot be looked up.

    What somebody had done again is done: they did not want what it gave before.
    """
    done = any(attempt.status == "succeeded" for attempt in step.attempts)
    if not key or step.planned.remember is None or done:
        return None
    age = step.planned.remember.max_age
    since = 0.0 if age is None else recorder.clock.now() - age
    try:
        return await recorder.store.recall(key, since)
    except StoreError:
        return None  # doing the work anew is always right
