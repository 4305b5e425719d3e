"""A dry run of a plan: the real engine, in memory, on made-up outputs of the right shape. Nothing is ever done.

What a step would act with or ask is not even touched: kinds that reach outside are stood in for, gates are passed, time
moves by itself. It shows what a check of the text cannot: that the work comes to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

from composer.inventory import Inventory
from composer.shapes import ANSWER, ANYTHING, RESPONSE, example, shape_of_returns, shape_of_schema
from workflows.bus import Bus
from workflows.definition.model import Workflow
from workflows.definition.parameters import Parameter
from workflows.engine.driver import Driver
from workflows.engine.engine import Engine
from workflows.errors import UnderstudyError
from workflows.journal.memory import MemoryStore
from workflows.planning.plan import Plan, PlannedStep
from workflows.recordings.time import ReplayedTime
from workflows.records import dataclass
from workflows.runs.state import Inquiry, RunState
from workflows.steps.context import Context
from workflows.steps.kind import Shown, StepKind
from workflows.steps.likeness import like
from workflows.text import one_line
from workflows.values import Json

HARMLESS = frozenset({"transform", "decision", "parallel", "workflow", "delay", "approval", "question"})
"""Kinds that do nothing outside: they are what they are."""

QUIET = 40
"""Turns of the event loop without an event after which nothing more happens by itself."""

MOST_MOVES = 2_000
"""How often time is moved or a gate is passed."""

LONGEST_WAIT = 24 * 3600.0
"""Seconds by which time is moved on at once where only a limit is waited for."""


@dataclass(frozen=True)
class Rehearsed:
    """How it went. `problems` are sentences, none where every step came to its end. `done` is how many steps did."""

    done: int
    problems: tuple[str, ...] = ()


async def rehearse(plan: Plan, workflow: Workflow, kinds: Mapping[str, StepKind], inventory: Inventory) -> Rehearsed:
    """Play a plan through. Whatever goes wrong in it is a problem of the draft; nothing is raised for that."""
    clock, store = ReplayedTime(0.0), MemoryStore()
    digests = {use.reference: use.digest for step in plan.every for use in step.uses}
    stand_ins = {
        name: kind if name in HARMLESS else _stand_in(kind, inventory, _schemas(plan)) for name, kind in kinds.items()
    }
    engine = Engine(store, stand_ins, Bus(), clock, code=lambda reference: digests.get(reference, ""))
    try:
        driver = await engine.start(
            plan,
            workflow="rehearsal",
            source="",
            parameters={parameter.name: sample(parameter) for parameter in workflow.parameters},
            root=Path("."),
            environment=dict.fromkeys(workflow.env, "example"),
            simulated="REHEARSED (nothing was done)",
            fresh=True,
        )
        state = await _played(engine, driver, clock)
    except UnderstudyError as error:
        return Rehearsed(0, (error.message,))
    finally:
        await engine.close("the rehearsal is over")
        await store.close()
    done = sum(step.status in ("succeeded", "skipped") for step in state.steps.values())
    return Rehearsed(done, tuple(_problems(state)))


def sample(parameter: Parameter) -> Json:
    """A value that a parameter may have: its default, the first of its choices, or one of its type."""
    if parameter.default is not None:
        return parameter.default
    if parameter.enum:
        return parameter.enum[0]
    values: Mapping[str, Json] = {"number": 1, "integer": 1, "boolean": True, "object": {}}
    if parameter.type == "array":
        return [values.get(parameter.items or "string", "example")]
    return values.get(parameter.type, "example")


def _problems(state: RunState) -> Iterable[str]:
    for address, step in state.steps.items():
        if step.status == "failed" and step.failure is not None:
            yield f"step '{address}' failed in a dry run: {one_line(step.failure.message, 300)}"
    if not state.over:
        waits = [address for address, step in state.steps.items() if not step.over]
        yield f"in a dry run it never ends: {', '.join(waits[:5]) or 'it'} waits for ever"


async def _played(engine: Engine, driver: Driver, clock: ReplayedTime) -> RunState:
    """The run at its end, or where nothing could ever happen any more."""
    finished = asyncio.ensure_future(engine.finished(driver.state.run_id))
    for _ in range(MOST_MOVES):
        await _settle(driver, finished)
        if finished.done():
            break
        for inquiry in driver.committed.open_inquiries:
            await _pass(driver, inquiry)
            break
        else:
            before = driver.state.seq
            clock.move_to(clock.now() + 60.0)
            await _settle(driver, finished)
            if driver.state.seq == before:
                clock.move_to(clock.now() + LONGEST_WAIT)
                await _settle(driver, finished)
            if driver.state.seq == before and not finished.done():
                break
    state = driver.committed
    driver.stop("the rehearsal is over")
    await finished
    return state


async def _settle(driver: Driver, finished: asyncio.Future[RunState]) -> None:
    quiet, seq = 0, driver.state.seq
    while quiet < QUIET and not finished.done():
        await asyncio.sleep(0)
        quiet = quiet + 1 if driver.state.seq == seq else 0
        seq = driver.state.seq


async def _pass(driver: Driver, inquiry: Inquiry) -> None:
    """Say what lets the run go on: yes, a made-up answer, or that a failed step is left out."""
    asked = inquiry.asked
    wanted = ("approve", "default", "answer", "again", "skip", "abort")
    choice = next((word for word in wanted if word in asked.choices), asked.choices[0])
    value = example(shape_of_schema(asked.schema)) if choice == "answer" else None
    await driver.answer(asked.entry, choice, value, "", "the rehearsal", asked.digest)


def _schemas(plan: Plan) -> Mapping[str, Json]:
    """What outputs must look like, by the id of the step."""
    return {step.id: step.output_schema for step in map(_one, plan.every) if step.output_schema is not None}


def _one(step: PlannedStep) -> PlannedStep:
    return step.each.step if step.each else step


def _stand_in(kind: StepKind, inventory: Inventory, schemas: Mapping[str, Json]) -> StepKind:
    """A kind of step that gives what the real one might, and does nothing."""

    async def show(ctx: Context) -> Shown:
        return Shown(f"{kind.name} {ctx.address}", facts={"rehearsed": "nothing is done"})

    async def run(ctx: Context) -> Json:
        return _made_up(kind.name, ctx, inventory, schemas)

    return like(kind, run, show)


def _made_up(kind: str, ctx: Context, inventory: Inventory, schemas: Mapping[str, Json]) -> Json:
    given = ctx.input if isinstance(ctx.input, dict) else {}
    shape = {"agent": ANSWER, "http": RESPONSE}.get(kind, ANYTHING)
    if kind == "skill" and (item := inventory.find("skill", str(given.get("skill")))) is not None:
        shape = shape_of_returns(item.returns)
    name = ctx.address.rsplit(">", 1)[-1].rsplit(":", 1)[-1].partition("[")[0]
    made, stated = example(shape), example(shape_of_schema(schemas[name])) if name in schemas else None
    if isinstance(made, dict) and isinstance(stated, dict):
        return {**made, **stated}
    return made if stated is None else stated
