"""The log of a step, or of the whole run: its story with times, and what each try logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.present.figures import clock_time
from app.present.story import tell
from app.tui.watch import RunWatch
from app.tui.widgets.rail import THE_RUN
from workflows.runs.events import AttemptFinished, Recorded


def log_of(watch: RunWatch, key: str, events: Iterable[Recorded] | None = None) -> str:
    """The log as text, a line for each event. Of new `events` alone, where they are given: then without tries' logs.

    A step's log has every detail; the run's only what matters, and names the step.
    """
    return "".join(f"{line}\n" for line in _lines(watch, key, events))


def _lines(watch: RunWatch, key: str, events: Iterable[Recorded] | None) -> Iterator[str]:
    whole = events is None
    told: set[int] = set()
    for recorded in watch.journal if events is None else events:
        sentence = tell(recorded.event, watch.state)
        if (key == THE_RUN and sentence.detail) or key not in (THE_RUN, sentence.step):
            continue
        if whole and isinstance(recorded.event, AttemptFinished):
            told.add(recorded.event.n)
            yield from _logged(watch, key, recorded.event.n)
        step = f"{sentence.step}: " if key == THE_RUN and sentence.step else ""
        yield f"{clock_time(recorded.at)}  {sentence.badge.glyph} {step}{sentence.text}"
    step_state = watch.state.steps.get(key)
    if whole and step_state is not None and step_state.attempts and step_state.attempts[-1].n not in told:
        yield from _logged(watch, key, step_state.attempts[-1].n)


def _logged(watch: RunWatch, key: str, attempt: int) -> Iterator[str]:
    if key != THE_RUN and (text := watch.text(key, attempt, log=True)):
        yield from text.rstrip("\n").split("\n")
