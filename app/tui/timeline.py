"""When a step was at work, as a bar of a few columns: its tries in pieces, and its waits for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual.content import Content

from app.present.figures import brief
from app.present.status import status_badge
from app.tui.text import QUIET, STYLES, cell
from workflows.records import dataclass
from workflows.runs.state import RunState, StepState

Scale = Literal["run", "minute", "step"]
SCALES: tuple[Scale, ...] = ("run", "minute", "step")
"""What the width of a timeline stands for: all of the run, its last minute, the step on view."""

WORDS = {"run": "timeline", "minute": "last min", "step": "the step"}

MINUTE = 60.0
WORK, LEFT_HALF, RIGHT_HALF = "█", "▌", "▐"
WAIT = "░"
AROUND = "━"
"""What holds others was at work as long as they were."""

_Half = tuple[int, str, str]
"""The number of the piece in half a column (0 for none), its style and its glyph."""


@dataclass(frozen=True)
class Window:
    """The time that a timeline shows, in seconds since the epoch."""

    begin: float
    end: float
    scale: Scale = "run"


@dataclass(frozen=True)
class Piece:
    """A part of a bar, drawn as its glyph says: a try, a wait for a person, what goes on inside."""

    begin: float
    end: float
    style: str
    glyph: str = WORK


def window_of(state: RunState, now: float, scale: Scale = "run", step: StepState | None = None) -> Window:
    """What is shown at this scale; the whole run where a step has not begun."""
    begin, end = state.started, state.ended or now
    if scale == "minute":
        return Window(max(begin, end - MINUTE), end, scale)
    if scale == "step" and step is not None and step.started is not None:
        return Window(step.started, step.ended if step.ended is not None else end, scale)
    return Window(begin, end)


def pieces_of(state: RunState, step: StepState, end: float) -> tuple[Piece, ...]:
    """The tries of a step, and its waits for a person; what is not over yet reaches to `end`."""
    work = AROUND if step.planned.holds_steps else WORK
    waits = [
        Piece(inquiry.at, _least(inquiry.answered_at, step.ended, end), STYLES["attention"].removeprefix("bold "), WAIT)
        for inquiry in (state.inquiries[entry] for entry in step.inquiries)
    ]
    tries = [
        Piece(attempt.started, _least(attempt.ended, end), STYLES[status_badge(attempt.status).role], work)
        for attempt in step.attempts
    ]
    return (*tries, *waits)


def _least(*times: float | None) -> float:
    return min(time for time in times if time is not None)


def bar(pieces: Iterable[Piece], window: Window, width: int) -> Content:
    """The pieces, tries before waits. A short one takes half a column at least, and what waits covers no try whole."""
    span = max(window.end - window.begin, 1e-9)
    halves: list[_Half] = [(0, "", "")] * (2 * width)
    begun: set[int] = set()
    for number, piece in enumerate(pieces, 1):
        if piece.end < window.begin or piece.begin > window.end:
            continue
        first = _half(piece.begin, window.begin, span, width)
        last = max(first, _half(piece.end, window.begin, span, width, inside=True))
        if first and last > first and halves[first - 1][2] == piece.glyph:
            first += 1  # two tries that touch are still two
        if piece.glyph != WAIT:
            begun.add(first)
        for place in range(first, last + 1):
            if piece.glyph != WAIT or place not in begun:
                halves[place] = (number, piece.style, piece.glyph)
    return Content.assemble(*(_column(halves[at], halves[at + 1]) for at in range(0, 2 * width, 2)))


def _half(at: float, begin: float, span: float, width: int, *, inside: bool = False) -> int:
    place = (at - begin) / span * 2 * width
    return max(0, min(2 * width - 1, int(place - 1e-6 if inside else place)))


def _column(left: _Half, right: _Half) -> tuple[str, str]:
    """One column from two halves. Where two pieces meet in it, the work of the left one is drawn before others."""
    if not left[0] and not right[0]:
        return " ", ""
    if left[2] != WORK and right[2] != WORK:
        _, style, glyph = left if left[0] else right
        return glyph, style
    if left[0] == right[0]:
        return WORK, left[1]
    return (LEFT_HALF, left[1]) if left[2] == WORK else (RIGHT_HALF, right[1])


def axis(window: Window, width: int) -> Content:
    """What the bars below it stand for: `timeline      1m42s`."""
    length = brief(window.end - window.begin)
    room = width - len(length) - 1
    said = cell(WORDS[window.scale], room, QUIET) if room >= len(WORDS[window.scale]) else Content("")
    return Content.assemble(said, cell(length, width - said.cell_length, QUIET, right=True))
