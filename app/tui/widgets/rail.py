"""The steps of a run, one row each: state as glyph and word, time, tokens, cost, and when each was at work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual.content import Content

from app.present.figures import cost_of, duration, tokens
from app.present.status import Badge, run_badge, status_badge, step_badge
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rows import Row
from workflows.runs.state import RunState, Spending, StepState

THE_RUN = "*"
"""The key of the first row, which stands for the run as a whole."""

TIME, TOKENS, COST = 8, 7, 9
WIDEST = 32
"""Columns of the widest name; behind a step's own stands its understudy's, where one took over."""

TITLE = 18
"""Columns that the run's own name may claim."""

BARS = 8
"""Columns that a timeline needs at least."""


def rail_rows(state: RunState, now: float, status: str = "") -> list[Row]:
    """A heading, the run, and a row for each step. Times run on until `now`."""
    needs = 0 if state.over else len(state.open_inquiries)
    whole = _Line(
        state.title or state.workflow,
        run_badge(status or state.status, needs),
        (state.ended or now) - state.started if state.started else None,
        state.spent,
    )
    lines = [whole, *(_step_line(state, step, now) for step in state.steps.values())]
    widest = min(max(min(cell_len(whole.name), TITLE), *(cell_len(each.name) for each in lines[1:]), 8), WIDEST)
    words = max(cell_len(str(each.badge)) for each in lines)
    span = (state.started, state.ended or now)
    heading = Row(partial(_heading, widest=widest, words=words))
    drawn = partial(_drawn, widest=widest, words=words, span=span)
    return [
        heading,
        *(Row(partial(drawn, each), key) for key, each in zip((THE_RUN, *state.steps), lines, strict=True)),
    ]


@dataclass(frozen=True)
class _Line:
    """What a row shows. `spans` are (from, to, style) of each attempt."""

    name: str
    badge: Badge
    took: float | None
    spent: Spending
    spans: tuple[tuple[float, float, str], ...] = ()


def _step_line(state: RunState, step: StepState, now: float) -> _Line:
    end = step.ended if step.ended is not None else (state.ended or now)
    took = None if step.started is None else end - step.started
    spans = tuple(
        (
            attempt.started,
            attempt.ended if attempt.ended is not None else end,
            STYLES[status_badge(attempt.status).role],
        )
        for attempt in step.attempts
    )
    performers = state.steps[step.id].planned.performers
    name = f"{step.id} ◆ {performers[step.performer]}" if step.performer else step.id
    return _Line(name, step_badge(state, step.id), took, step.spent, spans)


def _columns(width: int, widest: int, words: int) -> tuple[int, int, bool, bool, int]:
    """Widths of name and word, whether there is room for tokens and for cost, and what is left for the timeline."""
    left = width - words - 1 - TIME - 2
    has_cost = left - widest >= COST
    left -= COST if has_cost else 0
    has_tokens = left - widest >= TOKENS
    left -= TOKENS if has_tokens else 0
    name = max(4, min(widest, left))
    bars = left - name - 2
    return name, words, has_tokens, has_cost, bars if bars >= BARS else 0


def _heading(width: int, widest: int, words: int) -> Content:
    name, words, has_tokens, has_cost, bars = _columns(width, widest, words)
    parts = [cell("step", name + 1), cell("", words + 1), cell("time", TIME, right=True)]
    parts += [cell("tokens", TOKENS, right=True)] if has_tokens else []
    parts += [cell("cost", COST, right=True)] if has_cost else []
    parts += [Content("  timeline")] if bars else []
    return Content.assemble(" ", *parts).stylize(QUIET)


def _drawn(line: _Line, width: int, widest: int, words: int, span: tuple[float, float]) -> Content:
    name, words, has_tokens, has_cost, bars = _columns(width, widest, words)
    style = STYLES[line.badge.role]
    quiet = style if line.badge.role == "quiet" else ""
    parts: list[Content | str] = [
        cell(line.name, name, quiet),
        " ",
        cell(str(line.badge), words + 1, style),
        cell(duration(line.took), TIME, quiet, right=True),
    ]
    used = line.spent.tokens_in + line.spent.tokens_out
    parts += [cell(tokens(used) if used else "–", TOKENS, quiet or QUIET, right=True)] if has_tokens else []
    parts += [cell(cost_of(line.spent), COST, quiet or QUIET, right=True)] if has_cost else []
    return Content.assemble(" ", *parts, *(("  ", _timeline(line, bars, span)) if bars else ()))


def _timeline(line: _Line, width: int, span: tuple[float, float]) -> Content:
    """A bar where each attempt was at work; a short one still takes a column."""
    begin, end = span
    scale = width / max(end - begin, 1e-9)
    cells = [(" ", "")] * width
    for started, ended, style in line.spans:
        first = min(width - 1, max(0, int((started - begin) * scale)))
        last = min(width - 1, max(first, int((ended - begin) * scale - 1e-6)))
        for place in range(first, last + 1):
            cells[place] = ("▬", style)
    return Content.assemble(*cells)
