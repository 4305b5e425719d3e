"""Holding back what a model call may cost at worst, before it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from workflows.effects import Estimate
from workflows.engine.budget import Fits, Later, admit_call
from workflows.errors import OverBudget
from workflows.runs.purse import purses_of

if TYPE_CHECKING:
    from workflows.engine.attempt_context import AttemptContext
    from workflows.engine.recorder import Recorder

NOTHING_KNOWN = Estimate(0, 0, None)


async def reserve(
    recorder: Recorder, context: AttemptContext, model: str, worst: Callable[[], Awaitable[Estimate]] | None
) -> float | None:
    """What is to be held back for a call that asks `model`; None where there is no model or no budget.

    It counts from the moment that the call's start is posted, which must be the very next thing: nothing may be
    awaited in between. Waits while other calls take up the room. Raises OverBudget.
    """
    if not model or next(purses_of(recorder.state, context.address), None) is None:
        return None
    estimate = await worst() if worst else NOTHING_KNOWN
    said = ""
    while True:
        match admit_call(recorder.state, context.address, model, estimate):
            case Fits(usd=usd):
                return usd
            case Later(why=why):
                if why != said:
                    context.log(why)
                    said = why
                await context.deadlines.outside(recorder.room())
            case failure:
                raise OverBudget(failure)
