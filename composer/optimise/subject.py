"""A workflow as the rules look at it: its text, its plan, and of each step what it does outside and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal

from composer.edit import Edit
from composer.edit.page import Page, open_page
from composer.edit.references import ANY, reads_of
from composer.edit.tree import Spot, below, spots
from composer.optimise.history import History, Tries
from workflows.definition.model import Workflow
from workflows.definition.places import Path
from workflows.planning.plan import Block, Plan, PlannedStep
from workflows.records import dataclass

Bound = Literal["io", "cpu", ""]

_PEOPLE = frozenset({"approval", "question"})
_TIMED = frozenset({"delay", "notification", *_PEOPLE})
"""Kinds whose place in time is what they are for."""


@dataclass(frozen=True)
class Suggestion:
    """A change that would make a workflow better, and why. `steps` are those that it is about."""

    rule: str
    reason: str
    edits: tuple[Edit, ...]
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """What is known of one step. `planned` is the whole of it, `one` what is done for each item where there are any."""

    spot: Spot
    planned: PlannedStep
    reads: frozenset[str]
    quiet: bool
    bound: Bound

    @property
    def id(self) -> str:
        return self.spot.id

    @property
    def one(self) -> PlannedStep:
        return self.planned.each.step if self.planned.each else self.planned

    @property
    def touches(self) -> frozenset[str]:
        return frozenset(what for use in self.one.uses for what in use.touches)


@dataclass(frozen=True)
class Subject:
    """What rules look at. `cores`: how many computing steps run well at the same time here."""

    text: str
    workflow: Workflow
    plan: Plan
    history: History = field(default_factory=dict)
    cores: int = 4

    @cached_property
    def page(self) -> Page:
        return open_page(self.text)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """All steps of the stages that the plan knows, in the order of the file, those inside of others too."""
        planned = dict(_planned(self.plan))
        return tuple(
            Fact(
                spot,
                planned[spot.id],
                reads_of(self.page, spot) - {each.id for each in below(self.page, spot)},
                is_quiet(planned[spot.id]),
                bound_of(planned[spot.id]),
            )
            for spot in spots(self.page)
            if spot.id in planned
        )

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def lists(self) -> Mapping[Path, tuple[Fact, ...]]:
        """The steps of each list of steps in the stages, in order."""
        found: dict[Path, list[Fact]] = {}
        for fact in self.facts:
            found.setdefault(fact.spot.list, []).append(fact)
        return {path: tuple(each) for path, each in found.items()}

    @property
    def merges(self) -> bool:
        """Whether outputs of steps become part of the context by the stage that they are in."""
        return self.workflow.context is not None and self.workflow.context.preserve

    def tries(self, id_: str) -> tuple[Tries, ...]:
        return self.history.get(id_, ())

    def longest(self, id_: str) -> tuple[float, int]:
        """The seconds of the longest try that went well or not, and how many there were."""
        tries = self.tries(id_)
        return max((each.longest for each in tries), default=0.0), sum(each.count for each in tries)


Rule = Callable[[Subject], Iterator[Suggestion]]


def is_quiet(step: PlannedStep) -> bool:
    """Whether a step changes nothing outside and waits for nothing but its own work, so that it does not matter when
    it is done, as long as what it reads is there."""
    one = step.each.step if step.each else step
    if one.kind in _TIMED or step.approve or one.approve or one.people or one.irreversible:
        return False
    if one.undo or one.verify or step.tell or one.tell or (one.kind == "workflow" and one.child is None):
        return False
    if one.inside or one.child:
        return all(is_quiet(inner) for block in _blocks(one) for inner in block.all_steps)
    if one.kind == "agent":
        return bool(one.uses) and all(not use.tools and not use.asks for use in one.uses if use.what == "agent")
    waits = any("wait" in use.name for use in one.uses)
    touches = {what for use in one.uses for what in use.touches}
    return (one.effect or one.foreseen) == "pure" and not waits and "writes" not in touches


def bound_of(step: PlannedStep) -> Bound:
    """What a step mostly waits for: the network, or the processor; empty for what takes no time."""
    one = step.each.step if step.each else step
    if one.inside or one.child:
        inner = [bound_of(each) for block in _blocks(one) for each in block.all_steps]
        return "io" if "io" in inner else "cpu" if "cpu" in inner else ""
    if one.kind == "transform":
        return ""
    touches = {what for use in one.uses for what in use.touches}
    return "io" if one.kind in ("agent", "http") or "network" in touches else "cpu"


def independent(group: tuple[Fact, ...] | list[Fact], fact: Fact) -> bool:
    """Whether a step reads none of these, as far as that is known."""
    return ANY not in fact.reads and not fact.reads & {each.id for each in group}


def _blocks(step: PlannedStep) -> tuple[Block, ...]:
    return (*step.inside, *([step.child] if step.child else []))


def _planned(plan: Plan) -> Iterator[tuple[str, PlannedStep]]:
    waiting = list(plan.steps)
    while waiting:
        step = waiting.pop()
        yield step.id, step
        for block in (step.each.step if step.each else step).inside:
            waiting += block.steps
