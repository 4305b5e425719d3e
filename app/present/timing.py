"""How long steps took, as the record tells it: what waited for people is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.runs.state import RunState, StepState

Span = tuple[float, float]
"""From and until, in seconds since the epoch."""


def seconds_at_work(state: RunState, step: StepState, now: float) -> float | None:
    """How long a step's attempts took, without the time in which people were waited for. None before it has begun.

    In a step that holds others that is the time in which something inside waited for a person, and nothing moved.
    """
    if step.started is None:
        return None
    if not step.attempts:
        return (now if step.ended is None else step.ended) - step.started
    tries = _tries(step, now)
    if not step.planned.holds_steps:
        return _length(_without(tries, _asked(state, step, now)))
    inside = list(_inside(state, step))
    waits = [span for other in inside for span in _asked(state, other, now)]
    if not waits:
        return _length(tries)
    moves = [
        span
        for other in inside
        if not other.planned.holds_steps
        for span in _without(_tries(other, now), _asked(state, other, now))
    ]
    return _length(_without(tries, _without(waits, moves)))


def seconds_for_people(state: RunState, now: float) -> float:
    """How long the run waited for people, whatever else went on meanwhile."""
    asked = [(inquiry.at, _until(inquiry.answered_at, state, now)) for inquiry in state.inquiries.values()]
    return _length(asked)


def _inside(state: RunState, holder: StepState) -> Iterator[StepState]:
    """Every step that is under way for this one, at any depth."""
    about = [f"{holder.id}~handler{number}" for number in range(1, len(holder.handled) + 1)]
    for name in (holder.id, f"{holder.id}~verify", *about):
        scope = state.scopes.get(name)
        for address in scope.steps if scope else ():
            step = state.steps[address]
            if step.id != holder.id:
                yield step
                yield from _inside(state, step)


def _tries(step: StepState, now: float) -> list[Span]:
    return [(attempt.started, now if attempt.ended is None else attempt.ended) for attempt in step.attempts]


def _asked(state: RunState, step: StepState, now: float) -> list[Span]:
    """When this step waited for a person."""
    found = (state.inquiries[entry] for entry in step.inquiries)
    return [(inquiry.at, _until(inquiry.answered_at, state, now)) for inquiry in found]


def _until(answered: float | None, state: RunState, now: float) -> float:
    return answered if answered is not None else state.ended if state.ended is not None else now


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans without overlaps, in order."""
    begin = end = None
    for start, stop in sorted(spans):
        if begin is None or end is None or start > end:
            if begin is not None and end is not None:
                yield begin, end
            begin, end = start, stop
        else:
            end = max(end, stop)
    if begin is not None and end is not None:
        yield begin, end


def _without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What is left of the spans where the others are taken out."""
    holes = list(_joined(others))
    left: list[Span] = []
    for start, stop in _joined(spans):
        for begin, end in holes:
            if end <= start or begin >= stop:
                continue
            if begin > start:
                left.append((start, begin))
            start = max(start, end)
        if start < stop:
            left.append((start, stop))
    return left


def _length(spans: Iterable[Span]) -> float:
    return sum(max(0.0, stop - start) for start, stop in _joined(spans))
