"""What one run leaves for later ones: outputs under a key, and how it went to try again after a failure. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import TypeGuard

from workflows.journal.port import Recovery, Remembered, StoreError, Try
from workflows.records import dataclass
from workflows.runs.events import AttemptFinished, AttemptStarted, Recorded, StepFinished, StepStarted, facts_in


def key_to_remember(event: StepFinished) -> str:
    """The key under which the output may be used again; empty where it may not, or was itself taken from a run."""
    return event.cache_key if event.status == "succeeded" and not event.cached_from else ""


def remembered(run_id: str, recorded: Recorded) -> Remembered:
    """The entry that leads to this event. Raises StoreError where it is not the end of a step."""
    event = recorded.event
    if not isinstance(event, StepFinished):
        raise StoreError(f"Event {recorded.seq} of run {run_id} is not the end of a step.", "Restore the journal.")
    return Remembered(run_id, event.step, recorded.at, event.output, event.spent)


ABOUT_TRIES = tuple(kind.__name__ for kind in (AttemptStarted, AttemptFinished, StepStarted, StepFinished))
"""The types of events that begin or end attempts."""


@dataclass
class Attempted:
    """One attempt of a run: its two events with their times, in seconds since the epoch."""

    started: float
    event: AttemptStarted
    finished: float = 0.0
    end: AttemptFinished | None = None


def recoveries_in(events: Iterable[Recorded], performer: str) -> list[tuple[float, Recovery]]:
    """The performer's recoveries in one run, each with the time at which its failed attempt began."""
    return [
        (first.started, recovery)
        for attempts in _by_step(events)
        for first, second in pairwise(attempts)
        if first.event.performer == performer and (recovery := _recovery(first, second)) is not None
    ]


def tries_in(events: Iterable[Recorded], performer: str) -> list[Try]:
    """The performer's tries in one run that came to an end of their own."""
    return [
        Try(one.started, max(one.finished - one.started, 0.0), one.end.status == "succeeded")
        for attempts in _by_step(events)
        for one in attempts
        if one.event.performer == performer and _teaches(one.end)
    ]


def _by_step(events: Iterable[Recorded], named: bool = True) -> Collection[list[Attempted]]:
    """The attempts of each step by somebody who has a name, or by anybody, in order."""
    steps: defaultdict[str, list[Attempted]] = defaultdict(list)
    for one in facts_in(events):
        match one.event:
            case AttemptStarted() as event if event.performer or not named:
                steps[event.step].append(Attempted(one.at, event))
            case AttemptFinished() as event:
                for attempt in reversed(steps[event.step]):
                    if attempt.event.n == event.n and attempt.end is None:
                        attempt.finished, attempt.end = one.at, event
                        break
    return steps.values()


def attempts_in(events: Iterable[Recorded], *, named: bool = True) -> list[Attempted]:
    """The attempts by somebody who has a name, or by anybody, each step's in order."""
    return [attempt for attempts in _by_step(events, named) for attempt in attempts]


def _recovery(first: Attempted, second: Attempted) -> Recovery | None:
    if (first.event.performer, first.event.digest) != (second.event.performer, second.event.digest):
        return None
    if not _teaches(first.end) or not _teaches(second.end):
        return None
    if first.end.status == "succeeded" or first.end.failure is None:
        return None
    waited = max(second.started - first.finished, 0.0)
    return Recovery(first.end.failure.kind, waited, second.end.status == "succeeded")


def _teaches(end: AttemptFinished | None) -> TypeGuard[AttemptFinished]:
    return end is not None and not end.interrupted and end.status in ("succeeded", "failed", "timed_out")
