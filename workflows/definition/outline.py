"""Every step of a workflow with its place: where it stands in the file, and what must be over before it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from typing import Literal

from workflows.definition.model import Stage, Step, Workflow
from workflows.records import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Nested:
    """Steps inside a step's own fields: a kind that holds some has `nested()`, which gives these.

    `path` leads to them from the step; several such blocks exclude each other.
    """

    path: Path
    steps: tuple[Step, ...]
    parallel: bool = False


@dataclass(frozen=True)
class Group:
    """One of several things that run at the same time, or exclude each other. `id` is the group, `member` the thing."""

    id: int
    member: int
    parallel: bool


@dataclass(frozen=True)
class Placed:
    """A step, the path to it from the workflow's mapping, and its place in time.

    It starts after everything whose `end` is at most its `start`, except in groups that it shares. `siblings` is the
    number of the parallel group that it is directly in, None in a sequence. `inside` are the steps that hold it, the
    outermost first; `stage` is None in rollback and finally.
    """

    step: Step
    path: Path
    start: int
    end: int
    groups: tuple[Group, ...]
    siblings: int | None
    stage: Stage | None
    inside: tuple[Step, ...] = ()


Relation = Literal["before", "sibling", "itself", "never"]


@dataclass(frozen=True)
class Outline:
    """All steps, in the order of the file, those in rollback, finally and inside other steps too."""

    workflow: Workflow
    placed: tuple[Placed, ...]

    @cached_property
    def by_id(self) -> dict[str, Placed]:
        """The first step of each id."""
        found: dict[str, Placed] = {}
        for placed in self.placed:
            found.setdefault(placed.step.id, placed)
        return found

    def relation(self, reader: Placed, other: Placed) -> Relation:
        """Whether the other step is over when the reader starts: always, by waiting for it as a sibling, or never."""
        if reader is other:
            return "itself"
        for mine, its in zip(reader.groups, other.groups, strict=False):
            if mine.id != its.id:
                break
            if mine.member != its.member:
                return "sibling" if mine.parallel else "never"
        return "before" if other.end <= reader.start else "never"

    def siblings_on_the_way(self, reader: Placed, other: Placed) -> tuple[int, int, int]:
        """Of two steps in one parallel group: the group, and the members that they are or are in."""
        for mine, its in zip(reader.groups, other.groups, strict=False):
            if mine.id == its.id and mine.member != its.member:
                return mine.id, mine.member, its.member
        raise ValueError("the steps share no group")


def outline(workflow: Workflow) -> Outline:
    """The workflow's steps with their places."""
    return Outline(workflow, tuple(_Placing().workflow(workflow)))


class _Placing:
    def __init__(self) -> None:
        self._groups = count()
        self._now = 0

    def workflow(self, workflow: Workflow) -> Iterator[Placed]:
        for index, stage in enumerate(workflow.stages):
            yield from self._block(stage.steps, ("stages", index, "steps"), stage.parallel, (), stage)
        for key, block in (("rollback", workflow.rollback), ("finally", workflow.finally_)):
            if block is not None:
                yield from self._block(block.steps, (key, "steps"), False, (), None)

    def _block(
        self,
        steps: Sequence[Step],
        path: Path,
        parallel: bool,
        groups: tuple[Group, ...],
        stage: Stage | None,
        inside: tuple[Step, ...] = (),
    ) -> Iterator[Placed]:
        group = next(self._groups)
        started = latest = self._now
        for index, step in enumerate(steps):
            if parallel:
                self._now = started
            within = (*groups, Group(group, index, True)) if parallel else groups
            yield from self._step(step, (*path, index), within, group if parallel else None, stage, inside)
            latest = max(latest, self._now)
        self._now = latest

    def _step(
        self,
        step: Step,
        path: Path,
        groups: tuple[Group, ...],
        siblings: int | None,
        stage: Stage | None,
        inside: tuple[Step, ...],
    ) -> Iterator[Placed]:
        start = self._now
        held: list[Placed] = []
        self._now = latest = start + 1
        # Asked by name: a check against the protocol takes longer than all the rest.
        nested: Callable[[], Iterable[Nested]] | None = getattr(step.fields, "nested", None)
        if nested is not None:
            choice = next(self._groups)
            for index, block in enumerate(nested()):
                self._now = start + 1
                within = (*groups, Group(choice, index, False))
                place = (*path, *block.path)
                held += self._block(block.steps, place, block.parallel, within, stage, (*inside, step))
                latest = max(latest, self._now)
        self._now = latest + 1
        yield Placed(step, path, start, self._now, groups, siblings, stage, inside)
        yield from held
