"""What a run takes over from another one, said before it begins and after: what stands, what is done again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import TYPE_CHECKING

from app.present.figures import NOTHING, cost_of, plural, tokens_of
from app.present.money import ENDINGS
from app.present.planned import effect_of
from app.present.status import NOT_BEGUN, RUNNING, Badge
from workflows.diagnostics import listed
from workflows.effects import Spending
from workflows.engine.fork import Fate, begun
from workflows.money import money
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import RunState, StepState
from workflows.text import one_line, safe_json
from workflows.values import Json

if TYPE_CHECKING:
    from app.reruns import Rerun

BADGES = {
    "reused": Badge("✓", "reused", "good"),
    "again": Badge("↻", "again", "active"),
    "edited": Badge("↻", "edited", "active"),
    "given": Badge("✓", "given", "good"),
    "first": NOT_BEGUN,
    "goes on": Badge(RUNNING.glyph, "goes on", "active"),
}


@dataclass(frozen=True)
class Reckoning:
    """A rerun in figures: steps that do work themselves, and what they cost in the other run."""

    reused: int
    again: int
    first: int
    saved: Spending
    paid: Spending
    repeats: tuple[str, ...]
    """Steps whose effects outside may happen once more."""

    def words(self, run: str) -> str:
        """`Reuses 4 steps of run 3fa2 ($0.12 not paid again); does 2 again ($0.08 was paid for them), 1 for the
        first time.`"""
        saved, paid = cost_of(self.saved), cost_of(self.paid)
        reuses = f"reuses {plural(self.reused, 'step')} of run {run}" + f" ({saved} not paid again)" * _counts(saved)
        counted = str(self.again) if self.reused else plural(self.again, "step")
        again = f"{counted} again" + f" ({paid} was paid for that)" * _counts(paid)
        does = [again] * bool(self.again) + [f"{self.first} for the first time"] * bool(self.first)
        said = "; ".join([reuses] * bool(self.reused) + [f"does {', '.join(does)}"] * bool(does))
        return f"{said[:1].upper()}{said[1:]}."


def _counts(cost: str) -> bool:
    return cost not in (NOTHING, "no cost")


def reckon(rerun: Rerun) -> Reckoning:
    """The figures of a rerun."""
    stand = [event for event in rerun.fork.events if isinstance(event, e.StepReused)]
    holding = {event.step for event in rerun.fork.events if isinstance(event, e.ScopeOpened)}
    again = [step for step in begun(rerun.origin, rerun.fork) if not step.planned.holds_steps]
    return Reckoning(
        reused=sum(event.step not in holding for event in stand),
        again=len(again),
        first=len(rerun.fork.steps("first")),
        saved=_together(event.spent for event in stand),
        paid=_together(_paid_for(step) for step in again),
        repeats=tuple(step.id for step in again if _acted_outside(step)),
    )


def _together(spendings: Iterable[Spending]) -> Spending:
    return reduce(Spending.and_, spendings, Spending())


def _paid_for(step: StepState) -> Spending:
    """What a step's result cost, whichever run paid it."""
    return step.reused.spent if step.reused else step.saved or step.spent


def _acted_outside(step: StepState) -> bool:
    if step.reused is not None:
        return step.status == "succeeded" and effect_of(step.planned) == "unsafe"  # it has the end, not the calls
    return any(
        call.effect == "unsafe" and call.status in ("succeeded", "unknown", "started") for call in step.live_calls
    )


def rerun_lines(rerun: Rerun) -> Iterator[tuple[str, str]]:
    """What would happen, a line a step, then in figures; each line with its colour's role."""
    origin = rerun.origin
    where = f" from {one_line(rerun.fork.at, 80)}" if rerun.fork.at else " from the beginning"
    yield f"{one_line(origin.title or origin.workflow, 60)}: run {origin.run_id} again{where}", "strong"
    rows = [(address, fate) for address, fate in rerun.fork.fates.items() if not _hidden(rerun, address)]
    wide = min(max((len(address) for address, _ in rows), default=0), 44)
    for address, fate in rows:
        badge = BADGES[fate.lot]
        notes = " · ".join(note for note in _notes(rerun, address, fate) if note)
        yield f"  {one_line(address, 80):<{wide}}  {badge!s:<10} {notes}".rstrip(), badge.role
    said, *warned = consequences_of(rerun)
    yield said, "strong"
    yield from ((line, "warning") for line in warned)
    if budget := rerun.plan.budget:
        counts = "; what is reused is not counted" if rerun.fork.steps("reused", "goes on") else ""
        yield f"It may spend {money(budget.usd)}, {ENDINGS[budget.on_exceed]}{counts}.", ""


def consequences_of(rerun: Rerun) -> Iterator[str]:
    """What it comes to: what is reused and done again, what acts once more outside, and code that is new since."""
    run, figures = rerun.origin.run_id, reckon(rerun)
    yield figures.words(run)
    if figures.repeats:
        yield f"! What these did outside in run {run} stays, and is done once more: {listed(figures.repeats)}"
    if rerun.changed:
        yield f"Changed since, and taken as it is now: {', '.join(rerun.changed)}"


def _hidden(rerun: Rerun, address: str) -> bool:
    """Whether it is inside a step that stands as a whole."""
    holder = max(address.rpartition(">")[0], address.rpartition("[")[0], key=len)
    fate = rerun.fork.fates.get(holder)
    return bool(holder) and fate is not None and fate.lot == "reused"


def _notes(rerun: Rerun, address: str, fate: Fate) -> Iterator[str]:
    yield fate.why
    step = rerun.origin.steps.get(address)
    if step is None or fate.lot == "first":
        return
    spent = _paid_for(step)
    if _counts(cost_of(spent)):
        yield f"{cost_of(spent)} not paid again" if fate.lot == "reused" else f"{cost_of(spent)} was paid"


def rerun_document(rerun: Rerun) -> Json:
    """The same as JSON."""
    from app.present.run import SCHEMA_VERSION, spending_document

    figures = reckon(rerun)
    return safe_json(
        {
            "schema_version": SCHEMA_VERSION,
            "run": rerun.origin.run_id,
            "from": rerun.fork.at or None,
            "workflow": rerun.workflow,
            "steps": [
                {"step": address, "becomes": fate.lot.replace(" ", "_"), "why": fate.why}
                for address, fate in rerun.fork.fates.items()
            ],
            "reused": figures.reused,
            "again": figures.again,
            "first": figures.first,
            "saved": spending_document(figures.saved),
            "paid_before": spending_document(figures.paid),
            "budget": {"usd": budget.usd, "on_exceed": budget.on_exceed} if (budget := rerun.plan.budget) else None,
            "effects_repeated": list(figures.repeats),
            "code_changed": list(rerun.changed),
        }
    )


def saved_by(state: RunState) -> Spending:
    """What a run's reused steps cost in the runs that did them."""
    return _together(step.reused.spent for step in state.steps.values() if step.reused)


def taken_over(state: RunState) -> str:
    """`as run 3fa2 again from notes: 4 steps reused, $0.12 not paid again`; empty of a run that is no fork."""
    if not state.forked_from:
        return ""
    count = sum(step.reused is not None and not step.planned.holds_steps for step in state.steps.values())
    where = f"from {one_line(state.fork_at, 80)}" if state.fork_at else "from the beginning"
    figures = [text for text in (tokens_of(saved_by(state)), cost_of(saved_by(state))) if _counts(text)]
    saved = f", {' '.join(figures)} not paid again" if figures else ""
    return f"run {state.forked_from} again {where}: {plural(count, 'step')} reused{saved}"
