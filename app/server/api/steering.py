"""Cancelling, pausing and going on with a run, whoever has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from app.server.api import owning
from app.server.api.operation import Asked, Model, Operation
from app.server.api.problems import Problem
from app.server.api.runs import RUN, answer_of
from app.server.api.shapes import RunAnswer
from app.server.backstage import Backstage
from app.steering import Steered, Steering
from workflows.errors import UnderstudyError
from workflows.journal.port import RunOwned

PATIENCE = 2.0
"""Seconds that another process has to take what is asked of a run."""


class CancelWanted(Model):
    """`at_once` leaves out the run's `finally` steps."""

    at_once: bool = False


class SteerAnswer(Model):
    """What became of it: it was so already, is so now, or was asked of the process that has the run."""

    became: Literal["so already", "done", "asked for"]
    run: RunAnswer


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be done with runs that are under way."""

    async def cancelled(asked: Asked) -> SteerAnswer:
        run_id, by = asked.path["run"], asked.caller.name
        start = await owning.own(stage, asked.caller, run_id)
        queued = start is not None and start.status == "queued" and await owning.summary_of(stage, run_id) is None
        if start is not None and queued and await stage.queue.withdraw(start, f"cancelled by {by}"):
            return SteerAnswer(became="done", run=await answer_of(stage, run_id))
        return await steer(asked, lambda steering: steering.cancel(run_id, at_once=asked.body.at_once))

    async def paused(asked: Asked) -> SteerAnswer:
        await owning.own(stage, asked.caller, asked.path["run"])
        return await steer(asked, lambda steering: steering.pause(asked.path["run"]))

    async def resumed(asked: Asked) -> SteerAnswer:
        await owning.own(stage, asked.caller, asked.path["run"])
        return await steer(asked, lambda steering: steering.proceed(asked.path["run"]))

    async def steer(asked: Asked, wish: Callable[[Steering], Awaitable[Steered]]) -> SteerAnswer:
        run_id = asked.path["run"]
        if await owning.summary_of(stage, run_id) is None:
            if await owning.start_of(stage, run_id) is None:
                raise owning.not_there(run_id)
            raise Problem(409, "conflict", f"Run {run_id} has not begun.", "Cancel it, or wait until it has.")
        desk = await stage.queue.desk_of_run(run_id)
        for _ in range(3):
            try:
                steered = await wish(Steering(desk, asked.caller.name, PATIENCE))
                if steered.became != "left to us":
                    return SteerAnswer(became=steered.became, run=await answer_of(stage, run_id))
                if steered.what == "pause":
                    await desk.services.engine.pause(run_id, f"paused by {asked.caller.name}")
                    return SteerAnswer(became="done", run=await answer_of(stage, run_id))
                await desk.resume(run_id, attended=False)
                if steered.what == "continue":
                    return SteerAnswer(became="done", run=await answer_of(stage, run_id))
            except RunOwned:
                continue  # somebody went on with it just now, and is asked
            except UnderstudyError as error:
                raise Problem(409, "conflict", error.message, error.hint) from None
        raise Problem(409, "conflict", f"Run {run_id} changes hands just now.", "Ask again.")

    return (
        Operation(
            *(
                "cancelRun",
                "POST",
                f"{RUN}/cancel",
                "operator",
                "End a run; what must be done at its end is",
                cancelled,
            ),
            {200: SteerAnswer},
            "runs",
            body=CancelWanted,
            refuses=(404, 409),
        ),
        Operation(
            *("pauseRun", "POST", f"{RUN}/pause", "operator", "Let a run start nothing new", paused),
            {200: SteerAnswer},
            "runs",
            refuses=(404, 409),
        ),
        Operation(
            *("resumeRun", "POST", f"{RUN}/resume", "operator", "Go on with a run that was paused or stopped", resumed),
            {200: SteerAnswer},
            "runs",
            refuses=(404, 409),
        ),
    )
