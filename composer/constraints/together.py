"""in parallel, three at a time: what runs side by side, and how much of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import NUMBER, Said, found, number, words
from composer.constraints.sketch import CannotHold, Sketch
from composer.edit import Edit, RunTogether, SetField, SetStage
from composer.evaluation.roles import has_role
from composer.evaluation.subject import Seen
from workflows.records import dataclass

_SIDE = words(
    *(
        "in parallel",
        "parallel",
        "at the same time",
        "simultaneously",
        "concurrently",
        "side by side",
        "all at once",
        "together",
    ),
    *(
        "en paralelo",
        "a la vez",
        "al mismo tiempo",
        "simultaneamente",
        "en parallele",
        "en meme temps",
        "simultanement",
        "a la fois",
    ),
    *(
        "gleichzeitig",
        "nebeneinander",
        "zeitgleich",
        "parallele",
        "parallelen",
        "em paralelo",
        "ao mesmo tempo",
        "in parallelo",
    ),
    *(
        "contemporaneamente",
        "allo stesso tempo",
        "nello stesso momento",
        "tegelijk",
        "tegelijkertijd",
        "gelijktijdig",
        "tegelijk",
    ),
)
_THING = r"(?:\s+(?:of\s+them|files?|agents?|steps?|pages?|tests?|jobs?|archivos|ficheros|agentes|fichiers|agenten?|dateien|arquivos|bestanden|\w+))?"
_TOGETHER = re.compile(_SIDE)
_COUNTED = re.compile(
    rf"\b(?P<a>{NUMBER}){_THING}\s+(?:at a time|at once|in parallel|at the same time|simultaneously|concurrently|a la vez|en paralelo|"
    rf"a la fois|en parallele|en meme temps|auf einmal|gleichzeitig|parallel|zeitgleich|de cada vez|em paralelo|ao mesmo tempo|alla volta|"
    rf"in parallelo|contemporaneamente|tegelijk|tegelijkertijd)\b"
    rf"|\bde (?P<b>{NUMBER}) en (?P=b)\b|\b(?:par|in gruppen zu|in groups of|in batches of|batches of|groups of) (?P<c>{NUMBER})\b"
    rf"|\bmax[_ ]parallel\W+(?P<d>\d+)|\b(?P<e>{NUMBER}) by (?P=e)\b|\bone (?P<f>after) (?:the other|another)\b"
)
DEFAULT = 4
"""How many run at once where nobody said."""


@dataclass(frozen=True)
class Together:
    """Work that does not wait for other work runs at the same time."""

    said: Said
    means: str = "what can runs at the same time"
    assumed: str = ""

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        subject = sketch.subject
        lists = [seen for seen in subject.steps if seen.step.foreach is not None]
        if any(seen.step.foreach.max_parallel > 1 for seen in lists if seen.step.foreach):
            return []
        if any(stage.parallel and len(stage.steps) > 1 for stage in subject.workflow.stages):
            return []
        if any(seen.step.type == "parallel" for seen in subject.steps):
            return []
        if lists:
            return [SetField(("foreach", "max_parallel"), DEFAULT, seen.step.id) for seen in lists]
        group = _independent(sketch)
        if len(group) < 2:
            raise CannotHold("Each of its steps needs what another one gives: none of them can run at the same time.")
        return [RunTogether(tuple(seen.step.id for seen in group))]


@dataclass(frozen=True)
class AtATime:
    """At most so many at once."""

    said: Said
    most: int
    assumed: str = ""

    @property
    def means(self) -> str:
        return "one after the other" if self.most == 1 else f"at most {self.most} at the same time"

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        workflow, edits = sketch.subject.workflow, list[Edit]()
        for seen in sketch.subject.steps:
            if seen.step.foreach is not None and seen.step.foreach.max_parallel != self.most:
                edits.append(SetField(("foreach", "max_parallel"), self.most, seen.step.id))
        for stage in workflow.stages:
            if stage.parallel and stage.max_parallel != self.most:
                edits.append(SetStage(stage.name, "max_parallel", self.most))
        given = any(seen.step.foreach for seen in sketch.subject.steps) or any(s.parallel for s in workflow.stages)
        if workflow.max_parallel != self.most and (workflow.max_parallel is not None or not given):
            edits.append(SetField(("max_parallel",), self.most))
        return edits


def read(request: str) -> Iterator[Together | AtATime]:
    """What a request says of doing things side by side."""
    counted = next(found(_COUNTED, request), None)
    if counted is not None:
        match, said = counted
        value = next((match[name] for name in "abcde" if match[name]), "1")
        most = int(number(value)) if number(value) >= 1 else 1
        if most <= 100:
            if most > 1:
                yield Together(said)
            yield AtATime(said, most)
            return
    for _, said in found(_TOGETHER, request):
        yield Together(said)
        return


def _independent(sketch: Sketch) -> list[Seen]:
    """The longest row of steps of one stage, none of which needs another; of equals those that test or read."""
    best: list[Seen] = []
    for stage in sketch.subject.workflow.stages:
        row: list[Seen] = []
        rows = [row]
        for seen in sketch.subject.steps:
            if seen.placed.stage is not stage or seen.placed.inside:
                continue
            waits = sketch.subject.after.get(seen.step.id, frozenset()) & {each.step.id for each in row}
            if waits or seen.step.type in ("approval", "question", "delay"):
                row = []
                rows.append(row)
            if seen.step.type not in ("approval", "question", "delay"):
                row.append(seen)
        best = max([best, *rows], key=lambda each: (len(each) > 1, _kin(each), len(each)))
    return best


def _kin(steps: list[Seen]) -> int:
    return sum(has_role(seen, "test") or has_role(seen, "read") or has_role(seen, "fetch") for seen in steps)
