"""A plan as rows, with the lanes that a run has beside its steps, and below each step what it holds. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from app.present.figures import plural
from app.present.plan import first_sentence, shown_value
from app.present.planned import asks, effect_of
from app.present.status import FALLBACK, NEEDS_YOU, NOT_BEGUN, Badge
from app.tui.lanes import lanes_of
from workflows.planning.plan import Block, Plan, PlannedStep
from workflows.records import dataclass

ASKS = Badge(NEEDS_YOU.glyph, "asks you", "attention")
UNSAFE = Badge("!", "unsafe", "warning")
FINAL = Badge("!", "irreversible", "bad")
TODO = NOT_BEGUN.glyph
CHECKED = Badge("?", "when", "quiet")


@dataclass(frozen=True)
class GraphRow:
    """One row. `lines` stand before the name. A heading has no `path`, which is the way to a step: `each>order`."""

    lines: str
    name: str
    path: str = ""
    kind: str = ""
    about: str = ""
    marks: tuple[Badge, ...] = ()

    @property
    def is_step(self) -> bool:
        return bool(self.path)


def graph_rows(plan: Plan) -> list[GraphRow]:
    """All steps of a plan, as they are read from top to bottom, with the stages and blocks that they stand in."""
    return list(_plan(plan, "", ""))


def _plan(plan: Plan, lead: str, way: str) -> Iterator[GraphRow]:
    yield from _block(plan, lead, way, named=True)
    for number, handler in enumerate(plan.handlers, 1):
        if handler.block.steps:
            yield GraphRow(f"{lead}  ", f"when a step fails with {handler.error}, then {handler.action}")
            yield from _block(handler.block, lead, f"{way}handler{number}:")
    for name, words, block in (
        ("rollback", "rollback, after undoing", plan.rollback),
        ("finally", "finally, at every end", plan.finally_),
    ):
        if block is not None:
            yield GraphRow(f"{lead}  ", words)
            yield from _block(block, lead, f"{way}{name}:")


def _block(block: Block, lead: str, way: str, *, named: bool = False, inner: bool = False) -> Iterator[GraphRow]:
    """The stages of a block. Lanes say what waits for what; without any, steps inside others hang on their line."""
    stages = [stage for stage in block.stages if stage.steps]
    named = named and (len(stages) > 1 or any(stage.width > 1 for stage in stages))
    lanes = lanes_of(block)
    below = " " * max((len(lane.line) for lane in lanes.values()), default=0)
    last = stages[-1].steps[-1] if stages else ""
    for stage in stages:
        if named:
            aside = stage.width > 1 and len(stage.steps) > 1
            words = f"{stage.name} · {stage.width} at once" if aside else stage.name
            yield GraphRow(lead + (f"{below} " if below else "" if inner else "  "), words)
        for id_ in stage.steps:
            if lane := lanes.get(id_):
                line = f"{lane.line[: lane.node]}{TODO}{lane.line[lane.node + 1 :]} "
                below = lane.below
                hang = f"{below} "
            elif inner:
                line, hang = ("└ ", "  ") if id_ == last else ("├ ", "│ ")
            else:
                line, hang = f"{TODO} ", "  "
            yield from _step(block.by_id[id_], lead + line, lead + hang, way)


def _step(step: PlannedStep, before: str, hang: str, way: str) -> Iterator[GraphRow]:
    one = step.each.step if step.each else step
    path = way + step.id
    yield GraphRow(before, step.id, path, one.kind, _about(step, one), tuple(_marks(step, one)))
    for number, block in enumerate(one.inside):
        if one.kind == "decision":
            words = f"when {shown_value(block.when)}" if block.when else "otherwise" if number else "always"
            yield GraphRow(hang, words)
            yield from _block(block, hang, f"{path}>", inner=True)
        else:
            yield from _block(block, hang, f"{path}>", named=len(block.stages) > 1, inner=True)
    if one.child is not None:
        yield from _block(one.child, hang, f"{path}>", inner=True)


def _about(step: PlannedStep, one: PlannedStep) -> str:
    """What it does, in one line."""
    what = first_sentence(one.summary or one.kind)
    if step.each:
        width = f", {step.each.width} at once" if step.each.width > 1 else ""
        return f"for each {step.each.name} of {shown_value(step.each.over)}{width}: {what}"
    if one.kind == "decision":
        return f"one of {plural(len(one.inside), 'branch', 'branches')}"
    return what


def _marks(step: PlannedStep, one: PlannedStep) -> Iterator[Badge]:
    """What a person wants to know of it before a run, the weightiest first."""
    if asks(one) or any(use.asks for use in one.uses):
        yield ASKS if asks(one) else Badge(ASKS.glyph, "may ask you", "attention")
    if step.irreversible or one.irreversible:
        yield FINAL
    elif effect_of(one) == "unsafe":
        yield UNSAFE
    if len(one.performers) > one.equals:
        yield Badge(FALLBACK.glyph, ", ".join(one.performers[one.equals :]), "warning")
    if one.when or step.when:
        yield CHECKED
    if one.retry.attempts > 1:
        yield Badge("↻", f"{one.retry.attempts} tries", "quiet")
    if one.undo:
        yield Badge("↶", "undo", "quiet")
