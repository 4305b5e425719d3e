"""Tells a run as it goes, line by line: sentences to stderr, or events as JSON lines to stdout."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from app.cli.output import Output
from app.present.figures import clock_time, timestamp
from app.present.labels import run_label, step_label
from app.present.money import spent_of
from app.present.story import tell_all
from workflows.bus import Committed, Notice, Streamed, Stuck
from workflows.runs import events as e
from workflows.runs.events import Recorded
from workflows.runs.state import RunState
from workflows.secrets import hide
from workflows.text import one_line, safe_json


def story_lines(journal: Iterable[Recorded], state: RunState, *, details: bool) -> Iterator[tuple[str, str]]:
    """Each event as a line with its time, and the colour's role of it. Lines of no AI say so."""
    for recorded, sentence in tell_all(journal, state, details=details):
        label = ""
        if isinstance(recorded.event, e.StepFinished):
            label = step_label(state.steps[recorded.event.step])
        elif isinstance(recorded.event, e.RunFinished):
            label = run_label(state)
        where = f"{sentence.step}: " if sentence.step else ""
        text = f"{clock_time(recorded.at)}  {sentence.badge.glyph} {where}{sentence.text}"
        if label and label not in text:
            text += f" · {label}"
        yield text, "" if sentence.badge.role == "quiet" else sentence.badge.role


class Narrator:
    """A subscriber of the bus that says what matters of every durable event, and what skills log meanwhile."""

    def __init__(self, out: Output, *, details: bool = False) -> None:
        self._out = out
        self._details = details
        self._stuck = self._spent = ""
        self._state: RunState | None = None
        self.prompt = ""
        """What a person is being asked meanwhile: said again after each line that came in between."""

    def __call__(self, notice: Notice) -> None:
        if isinstance(notice, Committed):
            self._stuck, self._state = "", notice.state
            lines = list(story_lines(notice.events, notice.state, details=self._details))
            if notice.state.purses and (spent := spent_of(notice.state)) != self._spent:
                self._spent = spent
                lines.append((f"{clock_time(notice.events[-1].at)}    {spent} spent", ""))
            for line, role in lines:
                self._out.say(line, role)
            if lines and self.prompt:
                self._out.say(self.prompt, "attention")
        elif isinstance(notice, Streamed) and notice.log and self._tells(notice):
            for line in notice.text.splitlines():
                self._out.say(f"{clock_time(time.time())}    {notice.step}: {one_line(line, 300)}")
        elif isinstance(notice, Stuck) and notice.message != self._stuck:
            self._stuck = notice.message
            self._out.say(f"‖ {one_line(notice.message, 300)}", "attention")
            self._out.say(f"  next: {one_line(notice.hint, 300)} The run waits, and goes on by itself.")

    def reloaded(self, text: str, broken: bool) -> None:
        """Say that a file was read again, or cannot be."""
        first, *more = text.splitlines()
        self._out.say(f"{clock_time(time.time())}  {'✗' if broken else '↻'} {one_line(first, 300)}", "bad" * broken)
        for line in more:
            self._out.say(f"            {one_line(line, 300)}")
        if self.prompt:
            self._out.say(self.prompt, "attention")

    def _tells(self, notice: Streamed) -> bool:
        """Whether this line of a log is told: that of a skill says how far it is, that of others is for looking up."""
        step = self._state.steps.get(notice.step) if self._state else None
        return self._details or (step is not None and step.planned.kind == "skill")


class EventLines:
    """A subscriber of the bus that writes each durable event as one JSON line."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def __call__(self, notice: Notice) -> None:
        if isinstance(notice, Committed):
            for recorded in notice.events:
                self._out.line(
                    hide(
                        safe_json(
                            {
                                "run": notice.run_id,
                                "seq": recorded.seq,
                                "at": timestamp(recorded.at),
                                "event": type(recorded.event).__name__,
                                "version": recorded.event.version,
                                **asdict(recorded.event),
                            }
                        )
                    )
                )
