"""fork(run, at): what a new run takes over from another one, and what it does again. Pure.

A result is taken over where nothing that it rests on is done again: `at` itself, what the other run did not finish or
took back, what another text or another parameter changed, and all that comes after those in the plan's order (needs,
reads, the order of stages, and with it the context). A step that holds others goes on with what of those stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Literal

from workflows.definition.fitting import why_unfit
from workflows.engine.addresses import must_be_a_step
from workflows.engine.choices import check_edit
from workflows.engine.reused import reused
from workflows.errors import UnderstudyError
from workflows.planning.likeness import (
    alike,
    alike_in_failure,
    alike_outside,
    changed_parameters,
    environment_read,
    parameters_read,
    with_items,
)
from workflows.planning.plan import Block, Plan, PlannedStep
from workflows.records import dataclass
from workflows.runs import events as e
from workflows.runs.state import RunState, Scope, StepState
from workflows.runs.tree import holders, is_aftermath, stands
from workflows.values import Json

Lot = Literal["reused", "again", "first", "goes on", "given", "edited"]
"""What becomes of a step in the fork: its result counts, it is done again or for the first time, it holds steps of
both kinds, or it stands with the output or begins with the input that a person gave."""

ASKED = ("approval", "question")
"""Kinds of steps in which a person answered to what was shown, which counts for nothing else."""


@dataclass(frozen=True)
class Edit:
    """What a person gives to the step that a fork begins at: the `output` it stands with, or another `input`."""

    what: Literal["output", "input"]
    value: Json
    by: str = ""


@dataclass(frozen=True)
class Fate:
    """What becomes of a step, and why, where it is not simply reused."""

    lot: Lot
    why: str = ""


@dataclass(frozen=True)
class Fork:
    """How a new run begins: its events after RunStarted, and the fate of every step by its address.

    What is done again inside a step that is done again itself is not listed.
    """

    at: str
    events: tuple[e.Event, ...]
    fates: Mapping[str, Fate]

    def steps(self, *lots: Lot) -> tuple[str, ...]:
        """The addresses of the steps with one of these fates."""
        return tuple(address for address, fate in self.fates.items() if fate.lot in lots)


def fork(
    origin: RunState,
    at: str,
    plan: Plan,
    parameters: Json,
    edit: Edit | None = None,
    environment: Mapping[str, str] | None = None,
) -> Fork:
    """What a run of `plan` with these parameters takes over from `origin` when it begins at the step `at`.

    With an empty `at` it begins at the beginning. `plan` may be that of another text. `environment` is that of now,
    None for that of `origin`: a person who was shown another one is asked again.
    Raises UnderstudyError where there is no such step, or it cannot begin there or so.
    """
    if not at:
        return Fork("", (), {step.id: Fate("again", "the whole run is done again") for step in plan.steps})
    must_be_a_step(origin, at, plan)
    renewed = changed_parameters(origin.environment, origin.environment if environment is None else environment)
    forking = _Forking(origin, at, edit, renewed)
    forking.block(plan, "", changed_parameters(origin.parameters, parameters))
    if forking.fates.get(at, Fate("reused")).lot not in ("again", "first", "given", "edited"):
        raise _cannot_begin(origin, at, forking.fates)
    if edit is not None and forking.fates[at].lot not in ("given", "edited"):
        raise UnderstudyError(
            f"No {edit.what} can be given to {at} yet: {forking.fates[at].why}, which is not done in run "
            f"{origin.run_id}.",
            "Begin at that step, or earlier.",
        )
    return Fork(at, tuple(forking.events), forking.fates)


def _cannot_begin(origin: RunState, at: str, fates: Mapping[str, Fate]) -> UnderstudyError:
    for scope in holders(origin, origin.steps[at].scope):
        fate = fates.get(scope.owner)
        if fate is not None and fate.lot != "goes on":
            return UnderstudyError(
                f"{at} is a part of {scope.owner}, all of which is done again: {fate.why}.",
                f"Begin at {scope.owner}, or earlier.",
            )
    return UnderstudyError(f"The workflow's text has no step {at!r} any more.", "Begin at one that it has.")


@dataclass
class _Forking:
    origin: RunState
    at: str
    edit: Edit | None
    renewed: frozenset[str]
    events: list[e.Event] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        step = self.origin.steps.get(self.at)
        self.around = {scope.owner for scope in holders(self.origin, step.scope)} if step else set[str]()

    def block(self, block: Block, prefix: str, changed: frozenset[str]) -> None:
        """Steps that are done together: which of them stand, and what follows from those that do not."""
        fates = {step.id: self._fate(step, prefix + step.id, changed) for step in block.steps}
        reached = deque((step.id, step.id) for step in block.steps if fates[step.id].lot != "reused")
        while reached:
            id_, first = reached.popleft()
            for later in block.dependents[id_]:
                if fates[later].lot == "reused":
                    reached.append((later, first))
                if fates[later].lot not in ("again", "first"):
                    lot: Lot = "again" if self._old(prefix + later) else "first"
                    fates[later] = Fate(lot, f"it comes after {prefix + first}")
        for step in block.steps:
            self._take(step, prefix + step.id, fates[step.id], changed)

    def race(self, block: Block, prefix: str, changed: frozenset[str]) -> None:
        """Steps of which the first to succeed is enough. Where one is done again, all race again: who was stopped
        because another was first has not lost for good. Who is first without that stays so, and stops the others.
        """
        fates = [(step, self._fate(step, prefix + step.id, changed)) for step in block.steps]
        first = [pair for pair in fates if pair[1].lot == "given"]
        if not first and not any(self._for_itself(step, prefix + step.id, changed) for step in block.steps):
            first = [(step, fate) for step, fate in fates if self._won(fate, prefix + step.id)]
        for step, fate in first:
            self._take(step, prefix + step.id, fate, changed)
        if first:
            self.events.append(e.ScopeAborted(prefix.removesuffix(">"), "another was first", then="first"))
            return
        for step, fate in fates:
            address = prefix + step.id
            lot: Lot = "again" if self._old(address) else "first"
            own = address == self.at or (address in self.around and fate.lot == "goes on")
            self._take(step, address, fate if own else Fate(lot, "all race again"), changed)

    def _won(self, fate: Fate, address: str) -> bool:
        """Whether a step stands, and is what others raced for."""
        return fate.lot == "reused" and self.origin.steps[address].status == "succeeded"

    def _for_itself(self, planned: PlannedStep, address: str, changed: frozenset[str]) -> bool:
        """Whether a step is done again for a reason of its own, and not only because it was not finished."""
        if address == self.at or address in self.around:
            return True
        old = self._old(address)
        if old is None:
            return address not in self.origin.steps
        return bool(self._outdated(planned, old, changed, alike) or self._shown_anew(planned, old))

    def _old(self, address: str) -> StepState | None:
        """What the other run has under this address, if it had begun it."""
        step = self.origin.steps.get(address)
        return step if step is not None and step.status not in ("pending", "blocked") else None

    def _fate(self, planned: PlannedStep, address: str, changed: frozenset[str]) -> Fate:
        """What becomes of a step, as far as the step itself is concerned."""
        old = self._old(address)
        if address == self.at:
            if self.edit is not None:
                return Fate("given" if self.edit.what == "output" else "edited", f"its {self.edit.what} is given")
            return Fate("again" if old else "first", "the fork begins here")
        if old is None:
            return Fate("first", "it was not reached")
        why = self._outdated(planned, old, changed, alike_outside)
        if address in self.around and self._can_go_on(planned, old, changed):
            return Fate("goes on", "the fork begins inside it")
        why = why or self._unfinished(old) or self._shown_anew(planned, old)
        if why and self._can_go_on(planned, old, changed):
            return Fate("goes on", why)
        why = why or self._outdated(planned, old, changed, alike)
        if not why:
            return Fate("reused")
        return Fate("goes on" if self._can_go_on(planned, old, changed) else "again", why)

    def _outdated(
        self,
        planned: PlannedStep,
        old: StepState,
        changed: frozenset[str],
        same: Callable[[PlannedStep, PlannedStep], bool],
    ) -> str:
        if not same(planned, old.planned) or (old.status == "failed" and not alike_in_failure(planned, old.planned)):
            return "its text has changed"
        read = parameters_read(planned, tuple(self._items(old))) if changed else ()
        if read is None or changed & set(read):
            names = changed if read is None else changed & set(read)
            return f"it reads {', '.join(sorted(names))}, which is given anew"
        return ""

    def _shown_anew(self, planned: PlannedStep, old: StepState) -> str:
        """Why a person is asked again: about what else the answer given then would count for."""
        for step, items in with_items(planned, tuple(self._items(old))) if self.renewed else ():
            read = environment_read(step, items) if step.kind in ASKED else ()
            if names := self.renewed if read is None else self.renewed.intersection(read):
                return f"it showed {', '.join(sorted(names))} of the environment, which is another now"
        return ""

    def _items(self, step: StepState) -> Iterator[str]:
        """How the items are called that the step is done for."""
        for scope in holders(self.origin, step.scope):
            each = self.origin.steps[scope.owner].planned.each if scope.kind == "each" else None
            if each is not None:
                yield each.name

    def _unfinished(self, old: StepState) -> str:
        run = self.origin.run_id
        match old.status:
            case "succeeded":
                gone = next(self._taken_back(old), None)
                return f"{gone.id} in it was undone in run {run}" if gone else ""
            case "skipped":
                return ""
            case "failed" if old.then == "continue":
                return ""
            case "failed":
                return f"it failed in run {run}"
            case "undone":
                return f"it was undone in run {run}"
            case "cancelled":
                return f"it was stopped in run {run}"
        return f"run {run} has not finished it"

    def _taken_back(self, old: StepState) -> Iterator[StepState]:
        """What a step held, and was undone although the step succeeded: in a run that was rolled back later."""
        scope = self._scope(old)
        inside = [self.origin.steps[address] for address in scope.steps] if scope else []
        if isinstance(old.input, Mapping) and old.input.get("wait_for") == "first":
            # Of those that raced, only who won matters.
            inside = [] if any(step.status == "succeeded" for step in inside) else inside
        for step in inside:
            if step.status == "undone":
                yield step
            elif step.status == "succeeded":
                yield from self._taken_back(step)

    def _can_go_on(self, planned: PlannedStep, old: StepState, changed: frozenset[str]) -> bool:
        """Whether some of what a step holds may stand although the step as a whole does not."""
        if old.status == "undone" or self._scope(old) is None:
            return False
        return planned.holds_steps and not self._outdated(planned, old, changed, alike_outside)

    def _scope(self, old: StepState) -> Scope | None:
        """The steps that a step held in the end."""
        scope = self.origin.scopes.get(old.id)
        return (
            scope if scope and scope.kind in ("child", "block", "each") and scope.generation == old.generation else None
        )

    def _take(self, planned: PlannedStep, address: str, fate: Fate, changed: frozenset[str]) -> None:
        """Record what becomes of a step, and the events that say so to the new run."""
        self.fates[address] = fate
        old = self.origin.steps.get(address)
        match fate.lot:
            case "reused":
                assert old is not None
                self._reuse(old)
            case "goes on":
                assert old is not None
                self._go_on(planned, old, changed)
            case "given":
                assert self.edit is not None
                self._give(planned, address, self.edit)
            case "edited":
                assert self.edit is not None
                self._edit(planned, address, old, self.edit)

    def _reuse(self, old: StepState) -> None:
        scope = self._scope(old)
        if scope is not None and not scope.open:
            self.events.append(e.ScopeOpened(old.id, scope.name, scope.kind, scope.data))
            for address in scope.steps:
                self.fates[address] = Fate("reused")
                self._reuse(self.origin.steps[address])
            self.events.append(e.ScopeClosed(scope.name, scope.ended, scope.failure, scope.output, scope.then))
        self.events.append(reused(self.origin, old))

    def _go_on(self, planned: PlannedStep, old: StepState, changed: frozenset[str]) -> None:
        scope = self._scope(old)
        assert scope is not None
        self.events.append(e.StepStarted(old.id, old.input))
        self.events.append(e.ScopeOpened(old.id, scope.name, scope.kind, scope.data))
        if planned.each is not None:
            for address in scope.steps:
                self._take(planned.each.step, address, self._fate(planned.each.step, address, changed), changed)
        elif planned.child is not None:
            self.block(planned.child, f"{old.id}>", frozenset())
        else:
            block = planned.inside[scope.data["branch"]]
            take = self.race if old.input.get("wait_for") == "first" else self.block
            take(block, f"{old.id}>", changed)

    def _give(self, planned: PlannedStep, address: str, edit: Edit) -> None:
        if why := why_unfit(planned.output_schema, edit.value):
            raise UnderstudyError(f"The output does not fit the step's output_schema: {why}", "Give one that does.")
        by = edit.by or "a person"
        self.events.append(e.StepReused(address, self.origin.run_id, "succeeded", None, edit.value, by=by))

    def _edit(self, planned: PlannedStep, address: str, old: StepState | None, edit: Edit) -> None:
        if old is None or old.input is None:
            raise UnderstudyError(
                f"{address} was given nothing in run {self.origin.run_id}, so there is no input to change.",
                "Leave out --set input, or begin at a step that was done.",
            )
        if planned.holds_steps:
            raise UnderstudyError(
                f"{address} holds other steps: its input is what they are made from.",
                "Begin at one of them, or change a parameter of the run with --input.",
            )
        check_edit(old, edit.value)
        self.events.append(e.StepStarted(address, old.input))
        self.events.append(e.InputEdited(address, edit.value, edit.by or "a person"))


def begun(origin: RunState, fork: Fork) -> Iterator[StepState]:
    """What the other run had begun and the fork does again, inside steps that are done again too."""
    whole = set(fork.steps("again", "edited"))
    for step in origin.steps.values():
        if is_aftermath(origin, step.scope) or not stands(origin, step) or step.status in ("pending", "blocked"):
            continue
        owners = (scope.owner for scope in holders(origin, step.scope))
        if step.id in whole or any(owner in whole for owner in owners):
            yield step
