"""The steps of a run, and the tries of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from pydantic import JsonValue

from app.present.run import run_document
from app.server.api import owning
from app.server.api.operation import Asked, Model, Operation
from app.server.api.problems import Problem
from app.server.api.runs import RUN
from app.server.api.shapes import RunStatus
from app.server.backstage import Backstage

AttemptStatus = Literal["started", "succeeded", "failed", "timed_out", "cancelled", "unknown"]
StepStatus: TypeAlias = RunStatus | Literal["blocked", "skipped", "undone"]


class Attempt(Model):
    """One try of a step."""

    n: int
    performer: str
    status: AttemptStatus
    started: str | None
    ended: str | None
    failure: JsonValue


class Step(Model):
    """A step of a run. `id` is its address; `inside` the step that holds it."""

    id: str
    name: str
    depth: int
    inside: str | None
    title: str
    kind: str
    stage: str
    status: StepStatus
    performer: str
    understudy: bool
    model: str | None
    started: str | None
    ended: str | None
    duration_s: float | None
    input: JsonValue
    output: JsonValue
    why: str
    failure: JsonValue
    spent: JsonValue
    attempts: list[Attempt]


class StepList(Model):
    """All steps of a run, in the order they are read."""

    items: list[Step]


class AttemptList(Model):
    """All tries of a step, the first one first."""

    items: list[Attempt]


def operations(stage: Backstage) -> Sequence[Operation]:
    """What can be asked about steps."""

    async def found(asked: Asked) -> list[Step]:
        run_id = asked.path["run"]
        await owning.own(stage, asked.caller, run_id)
        if await owning.summary_of(stage, run_id) is None:
            if await owning.start_of(stage, run_id) is None:
                raise owning.not_there(run_id)
            return []
        document: Any = run_document(await stage.state(run_id))
        return [Step(**{name: each[name] for name in Step.model_fields}) for each in document["steps"]]

    async def listed(asked: Asked) -> StepList:
        return StepList(items=await found(asked))

    async def one(asked: Asked) -> Step:
        for step in await found(asked):
            if step.id == asked.path["step"]:
                return step
        where = f"run {asked.path['run'][:40]}"
        raise Problem(404, "not-found", f"There is no step {asked.path['step'][:100]} in {where}.", where="step")

    async def tries(asked: Asked) -> AttemptList:
        return AttemptList(items=(await one(asked)).attempts)

    return (
        Operation(
            *("listSteps", "GET", f"{RUN}/steps", "viewer", "List the steps of a run", listed),
            {200: StepList},
            "steps",
            refuses=(404,),
        ),
        Operation(
            *("getStep", "GET", f"{RUN}/steps/{{step}}", "viewer", "Look at a step, by its address", one),
            {200: Step},
            "steps",
            refuses=(404,),
        ),
        Operation(
            *("listAttempts", "GET", f"{RUN}/steps/{{step}}/attempts", "viewer", "List the tries of a step", tries),
            {200: AttemptList},
            "steps",
            refuses=(404,),
        ),
    )
