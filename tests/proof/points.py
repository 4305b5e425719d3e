"""The points at which a process can be killed, and a run that nobody disturbs, with which all others are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.proof.case import Case
from tests.proof.invariants import Life, Outcome
from tests.proof.lanes import Lane
from tests.proof.tracing import Strike, killing, listing, survey

T = TypeVar("T")

_COUNT_ONLY = 1 << 60


@dataclass(frozen=True)
class Point:
    """Where a process is killed: by strace, at its N-th wrapped write, or by what it has called for (`moment`)."""

    strike: Strike | None = None
    wrapped: int = 0
    moment: str = ""

    def __str__(self) -> str:
        if self.strike is None:
            return self.moment or f"write {self.wrapped}"
        return f"{self.strike.name} {self.strike.number} of thread {self.strike.thread}"

    @property
    def name(self) -> str:
        """What its kind is called in a table."""
        return self.strike.name if self.strike else "an act outside" if self.moment else "write in Python"


@dataclass(frozen=True)
class Clean:
    """A process that nobody disturbed, and the points that it came past."""

    life: Life
    points: tuple[Point, ...]


def look(lane: Lane, case: Case, command: str, *, strace: bool, **more: object) -> Clean:
    """Start or resume the run of a case, count its writes, and disturb nothing."""
    how: dict[str, object] = {"watch": {"*": listing()}} if strace else {"wrapped": _COUNT_ONLY}
    before = len(case.acts())
    life = lane.live(case, command, **how, **more)
    done = dict.fromkeys(act.what for act in case.acts()[before:])
    moments = tuple(Point(moment=f"{when} {what}") for what in done for when in ("before", "after"))
    if strace:
        return Clean(life, (*(Point(strike) for strike in survey(case.folder)), *moments))
    (counted,) = (int(line.split()[1]) for line in life.ended.told if line.startswith("writes "))
    return Clean(life, (*(Point(wrapped=number) for number in range(1, counted + 1)), *moments))


def look_at_start(lane: Lane, *, strace: bool) -> tuple[Outcome, tuple[Point, ...]]:
    """What the reference run comes to, and the points of the process that starts it."""
    case = lane.new_case()
    clean = look(lane, case, "start", strace=strace)
    assert clean.life.ended.code == 0, clean.life.ended
    return Outcome.of(case, clean.life.journal), clean.points


def kill(lane: Lane, case: Case, command: str, point: Point, **more: object) -> Life:
    """Have a process start or resume the run of a case, and be killed at the point; or not, where it is not there."""
    watch = killing(point.strike) if point.strike else {}
    return lane.live(case, command, watch=watch, wrapped=point.wrapped, moment=point.moment, **more)


def sample(items: Sequence[T], most: int, offset: int = 0) -> list[T]:
    """At most so many of them, spread evenly, always the same; with another offset, others."""
    if len(items) <= most:
        return list(items)
    return [items[(offset + number * len(items) // most) % len(items)] for number in range(most)]
