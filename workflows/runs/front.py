"""How far the steps of a scope have come: kept with it, so that nobody has to look through all of them. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workflows.records import dataclass
from workflows.runs.statuses import ENDED, Status

if TYPE_CHECKING:
    from workflows.runs.state import Scope, StepState

IN_ORDER = ("undo", "verify", "notify")
"""Kinds of scopes whose steps are listed by address, and done in that order. Every other step says what it needs."""


@dataclass(frozen=True)
class Front:
    """The stage that a scope is at, how many of its steps are not over, how many of those have a place, and which may
    start as soon as there is one, the first to start leading. A later stage waits for all of this one."""

    stage: int = 0
    left: int = 0
    taken: int = 0
    free: tuple[str, ...] = ()


def front_of(scope: Scope, steps: Mapping[str, StepState], first: int = 0) -> Front:
    """The front, looked for from this stage on."""
    for number in range(first, len(scope.stages)):
        still = [step for name in scope.stages[number].steps if not (step := steps[name]).over]
        if still:
            taken = sum(takes_place(step) for step in still)
            return Front(number, len(still), taken, tuple(step.id for step in _starting(scope, steps, still)))
    return Front(len(scope.stages))


def front_after(scope: Scope, steps: Mapping[str, StepState], step: StepState, before: Status, retried: bool) -> Front:
    """The front after one of the scope's steps has changed. `before` it stood so, and `retried`: it had a time to be
    tried again. `steps` hold the change."""
    front, was_over, over = scope.front, before in ENDED, step.status in ENDED
    if step.status == "pending" or (was_over and not over):
        return front_of(scope, steps)  # it is done again
    if scope.block is not None and scope.block.precedence.stages[step.planned.id] != front.stage:
        return front
    had_place = not was_over and (before == "running" or retried)
    taken = front.taken + takes_place(step) - had_place
    free = front.free
    if before == "pending" and step.id in free:
        at = free.index(step.id)
        free = free[:at] + free[at + 1 :]
    if was_over or not over:
        return Front(front.stage, front.left, taken, free)
    if front.left == 1:
        return front_of(scope, steps, front.stage + 1)
    return Front(front.stage, front.left - 1, taken, _with_followers(scope, steps, step, free))


def takes_place(step: StepState) -> bool:
    """Whether a step takes one of its stage's places: one that waits for a person leaves it to its siblings."""
    status = step.status
    return status == "running" or (step.retry_at is not None and status not in ENDED)


def unmet(scope: Scope, steps: Mapping[str, StepState], step: StepState) -> Sequence[str]:
    """The steps that must be over before this one may start."""
    needed = (steps.get(scope.prefix + id_) for id_ in step.planned.after)
    return [each.id for each in needed if each is not None and not each.over]


def _may_start(scope: Scope, steps: Mapping[str, StepState], step: StepState) -> bool:
    """Whether all that a step needs is over. The last are looked at first: they mostly end in their order."""
    for id_ in reversed(step.planned.after):
        needed = steps.get(scope.prefix + id_)
        if needed is not None and needed.status not in ENDED:
            return False
    return True


def _starting(scope: Scope, steps: Mapping[str, StepState], still: Sequence[StepState]) -> Sequence[StepState]:
    if scope.kind in IN_ORDER:
        still = still[:1]
    free = [step for step in still if step.status == "pending" and _may_start(scope, steps, step)]
    if scope.block is not None:
        ranks = scope.block.precedence.ranks
        free.sort(key=lambda step: ranks[step.planned.id])
    return free


def _with_followers(
    scope: Scope, steps: Mapping[str, StepState], step: StepState, free: tuple[str, ...]
) -> tuple[str, ...]:
    """What may start now besides, as a step is over."""
    if scope.kind in IN_ORDER:
        stage = scope.stages[scope.front.stage].steps
        return (stage[len(stage) - scope.front.left + 1],)
    if scope.block is None:
        return free  # items of a list wait for nothing
    precedence = scope.block.precedence
    followers = [steps[scope.prefix + id_] for id_ in precedence.followers[step.planned.id]]
    found = [each.id for each in followers if each.status == "pending" and _may_start(scope, steps, each)]
    if not free or not found:
        return free or tuple(sorted(found, key=lambda name: precedence.ranks[steps[name].planned.id]))
    more = list(free)
    for name in found:
        insort(more, name, key=lambda name: precedence.ranks[steps[name].planned.id])
    return tuple(more)
