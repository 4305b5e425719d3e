"""What a plan holds at every depth, and what is known of a step before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.effects import Effect
from workflows.planning.plan import Block, Plan, PlannedStep


def every_step(plan: Plan) -> Mapping[str, PlannedStep]:
    """Every step that may be done in a run, by the way to it: `each>order`, `order~undo`, `rollback:put_back`.

    Of a step that is done for each item of a list it is what is done for one.
    """
    return dict(_plan(plan, ""))


def asks(step: PlannedStep) -> bool:
    """Whether a person decides there."""
    return step.approve or step.people


def effect_of(step: PlannedStep) -> Effect | None:
    """What it does outside, as far as it can be told before; None where its calls or its steps say it."""
    return None if step.inside or step.child else step.effect or step.foreseen


def channel_of(step: PlannedStep) -> str:
    """Where a notification goes; empty for any other step."""
    told = step.fields.get("channel") if step.kind == "notification" and isinstance(step.fields, dict) else ""
    return told if isinstance(told, str) else ""


def _plan(plan: Plan, way: str) -> Iterator[tuple[str, PlannedStep]]:
    yield from _block(plan, way)
    for number, handler in enumerate(plan.handlers, 1):
        yield from _block(handler.block, f"{way}handler{number}:")
        if handler.tell:
            yield f"{way}handler{number}~notify", handler.tell.step
    for name, block in (("rollback", plan.rollback), ("finally", plan.finally_)):
        if block is not None:
            yield from _block(block, f"{way}{name}:")


def _block(block: Block, way: str) -> Iterator[tuple[str, PlannedStep]]:
    for step in block.steps:
        yield from _step(step, way + step.id)


def _step(step: PlannedStep, here: str) -> Iterator[tuple[str, PlannedStep]]:
    one = step.each.step if step.each else step
    yield here, one
    for block in one.inside:
        yield from _block(block, f"{here}>")
    if one.child is not None:
        yield from _plan(one.child, f"{here}>")
    if one.undo:
        yield f"{here}~undo", one.undo
    if one.verify:
        yield f"{here}~verify", one.verify.step
    if step.tell:
        yield f"{here}~notify", step.tell.step
