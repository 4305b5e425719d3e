"""A plan as rows with lines of a graph before them: what comes after what, what goes side by side, what is inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.present.figures import plural
from app.present.plan import first_sentence, shown_value
from app.present.planned import asks, effect_of
from app.present.status import FALLBACK, NEEDS_YOU, Badge
from workflows.planning.plan import Block, Plan, PlannedStep
from workflows.records import dataclass

ASKS = Badge(NEEDS_YOU.glyph, "asks you", "attention")
UNSAFE = Badge("!", "unsafe", "warning")
FINAL = Badge("!", "irreversible", "bad")
CHECKED = Badge("?", "when", "quiet")


@dataclass(frozen=True)
class GraphRow:
    """One row. `lines` stand before the name. A heading has no `path`, which is the way to a step: `each>order`."""

    lines: str
    name: str
    path: str = ""
    id: str = ""
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
    for name, block in (("rollback, after undoing", plan.rollback), ("finally, at every end", plan.finally_)):
        if block is not None:
            yield GraphRow(f"{lead}  ", name)
            yield from _block(block, lead, f"{way}{'rollback' if block is plan.rollback else 'finally'}:")


def _block(block: Block, lead: str, way: str, *, named: bool = False) -> Iterator[GraphRow]:
    """The stages of a block below each other; a stage whose steps go side by side has a line for them."""
    stages = [stage for stage in block.stages if stage.steps]
    named = named and (len(stages) > 1 or any(stage.width > 1 for stage in stages))
    last_of_all = stages[-1].steps[-1] if stages else ""
    first = not lead
    for number, stage in enumerate(stages):
        aside = stage.width > 1 and len(stage.steps) > 1
        final = number == len(stages) - 1
        if named:
            words = f"{stage.name} · {stage.width} at once" if aside else stage.name
            yield GraphRow(lead + ("  " if first else "│ "), words)
        for place, id_ in enumerate(stage.steps):
            begins, ends = place == 0, place == len(stage.steps) - 1
            if aside:
                trunk = _joint(first, final) if begins else " " if final else "│"
                joint, below = trunk + _fork(begins, ends), (" " if final else "│") + (" " if ends else "│")
            else:
                is_last = id_ == last_of_all
                joint, below = _joint(first, is_last), " " if is_last else "│"
            first = False
            yield from _step(block.by_id[id_], lead + joint, lead + below, way)


def _joint(first: bool, last: bool) -> str:
    return ("─" if last else "┌") if first else ("└" if last else "├")


def _fork(begins: bool, ends: bool) -> str:
    return ("─" if ends else "┬") if begins else ("└" if ends else "├")


def _step(step: PlannedStep, joint: str, below: str, way: str) -> Iterator[GraphRow]:
    one = step.each.step if step.each else step
    path = way + step.id
    yield GraphRow(f"{joint}○ ", step.id, path, step.id, one.kind, _about(step, one), tuple(_marks(step, one)))
    inner = f"{below} "
    blocks: Sequence[Block] = one.inside
    for number, block in enumerate(blocks):
        if one.kind == "decision":
            words = f"when {shown_value(block.when)}" if block.when else "otherwise" if number else "always"
            yield GraphRow(f"{inner}│ ", words)
            yield from _block(block, inner, f"{path}>")
        else:
            yield from _block(block, inner, f"{path}>", named=len(block.stages) > 1)
    if one.child is not None:
        yield from _plan(one.child, inner, f"{path}>")


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
