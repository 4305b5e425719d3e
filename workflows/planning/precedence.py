"""Which of several steps that may start is started first: the one with the longest path ahead (critical path first).

The length of a path is counted in steps, since nobody knows beforehand how long each takes. A step that holds others is
as long as the longest path through those. Of equal ones the first in the file goes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workflows.records import dataclass

if TYPE_CHECKING:
    from workflows.planning.plan import Block, PlannedStep


@dataclass(frozen=True)
class Precedence:
    """The order in a block, by the ids of its steps. Stages follow each other, so each is looked at by itself."""

    stages: Mapping[str, int]
    """The number of its stage, from 0."""
    followers: Mapping[str, Sequence[str]]
    """Those of its stage that wait for it directly."""
    ahead: Mapping[str, int]
    """How long the longest path from its beginning to the end of its stage is, itself included."""
    ranks: Mapping[str, int]
    """Its place in the order of starting."""


def precedence_of(block: Block) -> Precedence:
    """The order of a block's steps. Linear in the steps and in what they wait for."""
    stages = {id_: number for number, stage in enumerate(block.stages) for id_ in stage.steps}
    steps = {step.id: step for step in block.steps}
    needs = {id_: [each for each in step.after if stages.get(each) == stages[id_]] for id_, step in steps.items()}
    followers: dict[str, list[str]] = {id_: [] for id_ in steps}
    for id_, earlier in needs.items():
        for each in earlier:
            followers[each].append(id_)
    ahead = _ahead(steps, needs, followers)
    places = {id_: place for place, id_ in enumerate(steps)}
    ranked = sorted(steps, key=lambda id_: (-ahead[id_], places[id_]))
    return Precedence(stages, followers, ahead, {id_: rank for rank, id_ in enumerate(ranked)})


def _ahead(
    steps: Mapping[str, PlannedStep], needs: Mapping[str, Sequence[str]], followers: Mapping[str, Sequence[str]]
) -> Mapping[str, int]:
    """From the ends to the beginnings."""
    ahead = {id_: _length(step) for id_, step in steps.items()}
    after = dict.fromkeys(steps, 0)
    waiting = {id_: len(each) for id_, each in followers.items()}
    known = [id_ for id_, count in waiting.items() if not count]
    while known:
        id_ = known.pop()
        ahead[id_] += after[id_]
        for earlier in needs[id_]:
            after[earlier] = max(after[earlier], ahead[id_])
            waiting[earlier] -= 1
            if not waiting[earlier]:
                known.append(earlier)
    return ahead


def _length(step: PlannedStep) -> int:
    """How long a step is itself: 1, or as long as what it holds. Of a list only one item is known before the run."""
    each = step.each.step if step.each else step
    blocks = (*each.inside, *([each.child] if each.child else []))
    return max((1, *(_longest(block) for block in blocks)))


def _longest(block: Block) -> int:
    """The longest path through a block, stage after stage."""
    ahead = block.precedence.ahead
    return sum(max((ahead[id_] for id_ in stage.steps), default=0) for stage in block.stages)
