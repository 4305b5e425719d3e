"""In which order a plan does the steps of a file, if whoever may start is picked by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workflows.definition.model import Workflow
from workflows.definition.outline import Outline, outline
from workflows.planning.plan import Block, Plan, PlannedStep

Pick = Callable[[Sequence[PlannedStep]], PlannedStep]


def play(plan: Plan, pick: Pick) -> list[str]:
    """`+id` where a step starts, `-id` where it is over. Raises ValueError where steps wait for each other."""
    told: list[str] = []
    for block in (plan, plan.rollback, plan.finally_):
        if block is not None:
            _play(block, pick, told)
    return told


def _play(block: Block, pick: Pick, told: list[str]) -> None:
    waiting, done = list(block.steps), set[str]()
    while waiting:
        ready = [step for step in waiting if done.issuperset(step.after)]
        if not ready:
            raise ValueError(f"these never start: {[step.id for step in waiting]}")
        step = pick(ready)
        waiting.remove(step)
        told.append(f"+{step.id}")
        for inner in (step.each.step if step.each else step).inside:
            _play(inner, pick, told)
        told.append(f"-{step.id}")
        done.add(step.id)


def disorder(workflow: Workflow, told: Sequence[str]) -> Iterator[str]:
    """What is wrong with an order: a step that is missing or comes twice, and one that starts too early."""
    whole = outline(workflow)
    ids = [placed.step.id for placed in whole.placed]
    if sorted(told) != sorted([f"+{id_}" for id_ in ids] + [f"-{id_}" for id_ in ids]):
        yield f"the file has {ids}, the plan did {told}"
        return
    at = {each: place for place, each in enumerate(told)}
    for reader, other in _waits(whole):
        if at[f"-{other}"] > at[f"+{reader}"]:
            yield f"'{reader}' starts before '{other}' is over"


def _waits(whole: Outline) -> Iterator[tuple[str, str]]:
    """Who must wait for whom: for all that the file puts before it, and for what it needs."""
    for reader in whole.placed:
        yield from ((reader.step.id, name) for name in reader.step.needs)
        for other in whole.placed:
            if (reader.stage is None) == (other.stage is None) and whole.relation(reader, other) == "before":
                yield reader.step.id, other.step.id
