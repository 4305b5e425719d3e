"""What came of each request of a set: drafted, held against what was wanted, each failure with its reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from composer.evaluation.checks import Case
from composer.evaluation.requests import NONE, Request, Turn
from composer.evaluation.subject import Subject, subject_of
from composer.evaluation.values import found_in, matches
from workflows.definition.model import Workflow
from workflows.records import dataclass
from workflows.values import Json, canonical


@dataclass(frozen=True)
class Answer:
    """What came back for something that was said.

    `kinds` are the workflows that fit, best first; `fits` is false where the person is told that nothing does.
    `text` is the draft, empty where there is none, `workflow` the same read, None where it is none. `problem` says why
    it cannot be run. `usd` is None where nobody knows.
    """

    fits: bool
    kinds: tuple[str, ...] = ()
    text: str = ""
    workflow: Workflow | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)
    problem: str = ""
    questions: int = 0
    messages: int = 0
    usd: float | None = 0.0


class Drafter(Protocol):
    """Drafts, and takes what is said of the draft. One at a time."""

    async def start(self, text: str) -> Answer: ...

    async def say(self, text: str) -> Answer: ...


@dataclass(frozen=True)
class Point:
    """One thing that was looked at: `first`, `three`, `none`, `parameter`, `constraint` or `valid`."""

    what: str
    held: bool
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """What came of one request."""

    request: Request
    points: tuple[Point, ...]
    usd: float | None = 0.0

    @property
    def failures(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if not point.held)


async def judge(requests: Sequence[Request], drafter: Callable[[], Drafter]) -> AsyncIterator[Verdict]:
    """The verdict on each request, in order. Each has a drafter of its own."""
    for request in requests:
        yield await _judge_one(request, drafter())


async def _judge_one(request: Request, drafter: Drafter) -> Verdict:
    answer = await drafter.start(request.start.text)
    points = [*_of_kind(request, answer)]
    usd = answer.usd
    if request.category != NONE:
        now = _subject(answer)
        points += _of_turn(request.start, answer, Case(now, None, {0: now}, answer.questions, answer.messages))
        points.append(Point("valid", bool(answer.text) and not answer.problem, answer.problem or "there is no draft"))
        turns: dict[int, Subject | None] = {0: now}
        for number, turn in enumerate(request.turns, 1):
            answer = await drafter.say(turn.text)
            before, now = now, _subject(answer) or now
            turns[number] = now
            usd = None if usd is None or answer.usd is None else usd + answer.usd
            case = Case(now, before, dict(turns), answer.questions, answer.messages)
            points += [Point(p.what, p.held, f"turn {number}: {p.reason}") for p in _of_turn(turn, answer, case)]
    return Verdict(request, tuple(points), usd)


def rates(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
    """How many points held, of how many, by what was looked at; `pass` counts requests of which all did."""
    found: dict[str, tuple[int, int]] = {}
    for verdict in verdicts:
        for point in (*verdict.points, Point("pass", not verdict.failures)):
            held, count = found.get(point.what, (0, 0))
            found[point.what] = held + point.held, count + 1
    order = ("first", "three", "none", "parameter", "constraint", "valid", "pass")
    return {what: found[what] for what in order if what in found}


def _of_kind(request: Request, answer: Answer) -> Iterator[Point]:
    kinds = tuple(kind.replace("-", "_") for kind in answer.kinds)
    wanted = request.category.replace("-", "_")
    if wanted == NONE:
        yield Point(
            "none", not answer.fits, f"nothing fits this, but it was taken for {kinds[0] if kinds else 'a draft'}"
        )
        return
    first = kinds[0] if kinds and answer.fits else "nothing"
    yield Point("first", first == wanted, f"it was taken for {first}, not {wanted}")
    listed = ", ".join(kinds[:3]) or "nothing"
    yield Point("three", wanted in kinds[:3], f"{wanted} is not among {listed}")


def _of_turn(turn: Turn, answer: Answer, case: Case) -> Iterator[Point]:
    subject = case.now
    for name, expected in turn.params.items():
        values = found_in(subject.values, name) if subject else []
        held = any(matches(value, expected) for value in values)
        shown = ", ".join(canonical(value) for value in values) or "nothing"
        yield Point("parameter", held, f"{name} should be {canonical(expected)}, not {shown}")
    for line, check in turn.checks:
        yield Point("constraint", check(case), f"it does not hold: {line}")


def _subject(answer: Answer) -> Subject | None:
    return subject_of(answer.workflow, answer.parameters) if answer.workflow is not None else None
