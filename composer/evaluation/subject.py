"""A draft as checks look at it: its steps in the order of the file, with their words and what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from workflows.definition.dump import written
from workflows.definition.model import Step, Workflow
from workflows.definition.outline import Outline, Placed, outline
from workflows.planning.reads import holding, reads
from workflows.records import dataclass
from workflows.values import Json, canonical

_PARAMETER = re.compile(r"\$\{\{\s*parameters\.(\w+)\s*\}\}")


@dataclass(frozen=True)
class Seen:
    """A step. `data` is what its file says of it, steps inside it left out; `text` the same with parameters put in."""

    placed: Placed
    data: Mapping[str, Json]
    text: str

    @property
    def step(self) -> Step:
        return self.placed.step

    @property
    def skill(self) -> str:
        return str(self.data.get("skill") or "")

    @property
    def agents(self) -> tuple[str, ...]:
        agent = self.data.get("agent") or ()
        return (agent,) if isinstance(agent, str) else tuple(agent)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its kind, skill, workflow and id, lower case, without the s of plurals."""
        names = (self.step.type, self.skill, str(self.data.get("workflow") or ""), self.step.id)
        found = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", " ".join(names)).lower())
        return frozenset(found) | {word[:-1] for word in found if len(word) > 3 and word.endswith("s")}


@dataclass(frozen=True)
class Subject:
    """A draft: its workflow, and the values that its parameters have in it."""

    workflow: Workflow
    values: Mapping[str, Json]

    @cached_property
    def outline(self) -> Outline:
        return outline(self.workflow)

    @cached_property
    def every(self) -> tuple[Seen, ...]:
        """Every step, those in rollback and finally too."""
        return tuple(self._seen(placed) for placed in self.outline.placed)

    @cached_property
    def steps(self) -> tuple[Seen, ...]:
        """The steps of the stages, those inside others too."""
        return tuple(seen for seen in self.every if seen.placed.stage is not None)

    @cached_property
    def after(self) -> Mapping[str, frozenset[str]]:
        """For each step the steps that it waits for, by their ids, however far back."""
        direct = {seen.step.id: {*seen.step.needs, *reads(seen.step)} for seen in self.every}
        for seen in self.every:
            for holder in seen.placed.inside:
                direct.setdefault(seen.step.id, set()).update(direct.get(holder.id, ()))

        def reached(start: str) -> Iterator[str]:
            todo, known = [start], set[str]()
            while todo:
                for each in direct.get(todo.pop(), ()):
                    if each not in known:
                        known.add(each)
                        todo.append(each)
                        yield each

        return {name: frozenset(reached(name)) for name in direct}

    def may_meet(self, one: Seen, other: Seen) -> bool:
        """Whether two steps may be at work at the same time."""
        if self.outline.relation(one.placed, other.placed) != "sibling":
            return False
        group, mine, its = self.outline.siblings_on_the_way(one.placed, other.placed)
        left, right = self._members(group, mine), self._members(group, its)
        return not any(self.after.get(a, frozenset()) & right for a in left) and not any(
            self.after.get(b, frozenset()) & left for b in right
        )

    def ends_before(self, one: Seen, other: Seen) -> bool:
        """Whether the first step is over before the second begins."""
        waits = one.step.id in self.after.get(other.step.id, frozenset())
        return waits or self.outline.relation(other.placed, one.placed) == "before"

    def _members(self, group: int, member: int) -> frozenset[str]:
        return frozenset(
            placed.step.id
            for placed in self.outline.placed
            if any(each.id == group and each.member == member for each in placed.groups)
        )

    def _seen(self, placed: Placed) -> Seen:
        held = holding(placed.step)
        data = {key: value for key, value in written(placed.step).items() if key not in held}
        text = _PARAMETER.sub(lambda found: _shown(self.values.get(found[1])), canonical(data))
        also = re.findall(r"parameters\.(\w+)", text)
        return Seen(placed, data, " ".join([text, *(_shown(self.values.get(name)) for name in also)]))


def subject_of(workflow: Workflow, given: Mapping[str, Json] | None = None) -> Subject:
    """A draft with the values of its parameters: those that were given, else its defaults."""
    values = {parameter.name: parameter.default for parameter in workflow.parameters}
    return Subject(workflow, {**values, **(given or {})})


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)
