"""Who goes next where there are not places for all, and how many places there are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.records import dataclass

SLOW_COMMIT = 0.5
"""Seconds that a commit may take on average before fewer steps are let write to the journal at once."""

RUNS = "runs"
"""The place that every run takes, besides what its workflow says it needs."""

AHEAD = 2
"""How many times as many steps as there are places are begun, so that the next one is at hand when one ends."""


@dataclass(frozen=True)
class Claim:
    """Something that waits for places: so many of each kind. `party` is whom it belongs to, `since` its age."""

    needs: Mapping[str, int]
    priority: int = 0
    since: float = 0.0
    party: str = ""


def admitted(waiting: Sequence[Claim], free: Mapping[str, int], held: Mapping[str, int]) -> tuple[int, ...]:
    """Which of those that wait may go now, by index, in their order.

    The highest priority goes first, then whose party holds the fewest places, then the oldest. What does not fit keeps
    what it is short of: nobody behind it takes that, so that it is not passed by for ever; what it is not short of is
    for others.
    """
    left, holds = dict(free), dict(held)
    order, found = list(range(len(waiting))), list[int]()
    by_all = set[str].intersection(*(set(claim.needs) for claim in waiting)) if waiting else set[str]()
    while order and all(left.get(name, 0) > 0 for name in by_all):
        best = min(order, key=lambda index: _rank(waiting[index], holds, index))
        order.remove(best)
        claim = waiting[best]
        short = [name for name, count in claim.needs.items() if left.get(name, 0) < count]
        for name in short or claim.needs:
            left[name] = 0 if short else left[name] - claim.needs[name]
        if not short:
            holds[claim.party] = holds.get(claim.party, 0) + 1
            found.append(best)
    return tuple(found)


def standing_of(waiting: Sequence[Claim], index: int) -> int:
    """The place in the queue of one that waits, from 1."""
    mine = _rank(waiting[index], {}, index)
    return 1 + sum(_rank(other, {}, place) < mine for place, other in enumerate(waiting))


def _rank(claim: Claim, held: Mapping[str, int], index: int) -> tuple[int, int, float, str, int]:
    """The same for all who look at it, in whatever order they see those that wait."""
    return -claim.priority, held.get(claim.party, 0), claim.since, claim.party, index


@dataclass(frozen=True)
class Load:
    """How busy the machine is, in percent; None where that is not known."""

    cpu: float | None = None
    memory: float | None = None
    storage: float | None = None
    network: float | None = None


@dataclass(frozen=True)
class Thresholds:
    """How busy it may be before new work waits, in percent; None is not looked at."""

    cpu: int | None = None
    memory: int | None = None
    storage: int | None = None
    network: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return any(limit is not None for limit in (self.cpu, self.memory, self.storage, self.network))


def strain(load: Load, thresholds: Thresholds, commit: float) -> str:
    """Why less should be done at once, as part of a sentence; empty where all is well. `commit` is seconds."""
    words = {"cpu": "the processors are", "memory": "the memory is", "network": "the network is"}
    for name, subject in words.items():
        at, limit = getattr(load, name), getattr(thresholds, name)
        if at is not None and limit is not None and at > limit:
            return f"{subject} {at:.0f}% used (resources.max_{name}_usage is {limit}%)"
    return f"the journal is slow ({commit:.1f} s a commit)" if commit > SLOW_COMMIT else ""


def too_full(load: Load, thresholds: Thresholds) -> str:
    """Why no run may begin: the disk. Empty where there is room."""
    if load.storage is None or thresholds.storage is None or load.storage <= thresholds.storage:
        return ""
    limit = f"resources.max_storage_usage is {thresholds.storage}%"
    return f"storage: the journal's disk is {load.storage:.0f}% full ({limit})"


def adapt(limit: int, most: int, busy: int, *, strained: bool) -> int:
    """How many may be at work at once after a look at the machine: half of what is, else twice as many again.

    Never less than one, so that something always goes on, and never more than `most`.
    """
    return max(1, min(limit, busy) // 2) if strained else min(most, limit * 2)


def room_ahead(limit: int, begun: int) -> int:
    """How many more steps may be begun when so many wait for a place or have one: no more than soon have their turn.

    One at least where there is none, so that each run always has something in the queue.
    """
    return max(0 if begun else 1, AHEAD * limit - begun)
