"""The log of a step, or of the whole run: its story with times, and what each try logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.present.figures import clock_time
from app.present.status import JOINTS
from app.tui.widgets.rail import THE_RUN
from app.watch import RunWatch
from workflows.runs.events import AttemptFinished, Recorded, facts_of
from workflows.text import one_line

NAME = 80
"""Characters of an address that a sentence gives."""


def log_of(watch: RunWatch, key: str, events: Iterable[Recorded] | None = None, *, whole: bool = False) -> str:
    """The log as text, a line for each event. Of new `events` alone, where they are given: then without tries' logs.

    A step's log has every detail; what is inside it, and the run's, only what matters, and names the step. The logs of
    tries are cut where they are long, unless the `whole` of them is wanted.
    """
    return "".join(f"{line}\n" for line in _lines(watch, key, events, whole))


def _lines(watch: RunWatch, key: str, events: Iterable[Recorded] | None, whole: bool) -> Iterator[str]:
    first = events is None
    own, inside = one_line(key, NAME), tuple(f"{key}{joint}" for joint in JOINTS)
    told: set[int] = set()
    for recorded in watch.journal if events is None else events:
        sentence = watch.told(recorded)
        mine = sentence.step == own and key != THE_RUN
        if not mine and (sentence.detail or not (key == THE_RUN or sentence.step.startswith(inside))):
            continue
        for fact in facts_of(recorded.event) if first and mine else ():
            if isinstance(fact, AttemptFinished):
                told.add(fact.n)
                yield from _logged(watch, key, fact.n, whole)
        step = f"{sentence.step}: " if sentence.step and not mine else ""
        yield f"{clock_time(recorded.at)}  {sentence.badge.glyph} {step}{sentence.text}"
    step_state = watch.state.steps.get(key)
    if first and step_state is not None and step_state.attempts and step_state.attempts[-1].n not in told:
        yield from _logged(watch, key, step_state.attempts[-1].n, whole)


def _logged(watch: RunWatch, key: str, attempt: int, whole: bool) -> Iterator[str]:
    if key != THE_RUN and (text := watch.text(key, attempt, log=True, whole=whole)):
        yield from text.rstrip("\n").split("\n")
