"""The steps of a run, one row each: state as glyph and word, time, tokens, cost, and when each was at work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from rich.cells import cell_len
from textual.content import Content

from app.present.figures import cost_of, duration, tokens
from app.present.status import Badge, run_badge, status_badge, step_badge
from app.present.timing import seconds_at_work
from app.tui.outline import Node, Outline, heading, needing, outline, progress, visible
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rows import Row
from workflows.effects import Spending
from workflows.records import dataclass
from workflows.runs.state import RunState

THE_RUN = "*"
"""The key of the first row, which stands for the run as a whole."""

TIME, TOKENS, COST = 8, 7, 9
LONG = 600
"""Seconds of a run from which a time can need a column more: `10 m 00 s`."""

WIDEST = 32
"""Columns of the widest name; behind a step's own stands its understudy's, where one took over."""

TITLE = 18
"""Columns that the run's own name may claim."""

BARS = 8
"""Columns that a timeline needs at least."""

FOLDED, UNFOLDED = "▸", "▾"

WORDS: Mapping[str, int] = {"waiting": 11}
"""Columns of the word for a status, where it depends on what is waited for."""


@dataclass(frozen=True)
class Shape:
    """What the rows of one frame have in common. `needing` counts what waits at or below a place of the tree."""

    state: RunState
    now: float
    status: str
    tree: Outline
    shown: Sequence[int]
    needing: Mapping[int, int]
    asked: str = ""
    """The step that the gate is about."""


def whole_shape(state: RunState, now: float, status: str = "") -> Shape:
    """A run as it is shown to somebody who has not folded anything."""
    tree = outline(state)
    waiting = needing(tree, () if state.over else state.open_inquiries)
    return Shape(state, now, status, tree, visible(tree, {}, waiting, ""), waiting)


def rail_rows(shape: Shape) -> list[Row]:
    """A heading, the run, and a row for each step that is shown. What they say is made up when they are drawn."""
    state = shape.state
    took = (state.ended or shape.now) - state.started if state.started else 0.0
    columns = _Columns(*_widths(shape), TIME if took < LONG else max(TIME + 1, cell_len(duration(took))))
    rows = [Row(partial(_heading, columns)), Row(partial(_run, shape, columns), THE_RUN)]
    folds = _folds(shape)
    for place in shape.shown:
        node = shape.tree.nodes[place]
        if node.above:
            rows.append(Row(partial(_above, state, columns, node)))
        rows.append(Row(partial(_step, shape, columns, place, folds.get(place, "")), node.address))
    return rows


def _folds(shape: Shape) -> Mapping[int, str]:
    """The sign behind the name of each step that has something below it."""
    nodes, shown = shape.tree.nodes, shape.shown
    found: dict[int, str] = {}
    for at, place in enumerate(shown):
        if nodes[place].end > place + 1:
            after = shown[at + 1] if at + 1 < len(shown) else len(nodes)
            found[place] = UNFOLDED if after == place + 1 else FOLDED
    return found


@dataclass(frozen=True)
class _Columns:
    """Columns of the widest name, of the widest word, of the widest count of what holds others, and of a time."""

    widest: int
    words: int
    counts: int
    time: int = TIME

    def lay_out(self, width: int) -> tuple[int, bool, bool, int]:
        """The width of the name, whether there is room for tokens and for cost, and what is left for the timeline."""
        left = width - self.words - 1 - self.time - 2
        widest = min(self.widest, max(12, left - self.counts - 2)) if self.counts else self.widest
        has_cost = left - widest >= COST
        left -= COST if has_cost else 0
        has_tokens = left - widest >= TOKENS
        left -= TOKENS if has_tokens else 0
        name = max(4, min(widest, left))
        bars = left - name - 2
        return name, has_tokens, has_cost, bars if bars >= BARS else 0


def _widths(shape: Shape) -> tuple[int, int, int]:
    state, nodes = shape.state, shape.tree.nodes
    title = cell_len(state.title or state.workflow)
    widest, counts = max(min(title, TITLE), 8), 0
    statuses: set[str] = set()
    words = cell_len(str(_run_badge(shape)))
    for place in shape.shown:
        node = nodes[place]
        step = state.steps[node.address]
        statuses.add(step.status)
        extra = 2 if node.end > place + 1 else 0
        if step.understudied:
            extra += 3 + cell_len(step.planned.performers[step.performer])
        if step.retry_at is not None:
            words = max(words, cell_len(str(step_badge(state, step.id))))
        widest = max(widest, 2 * node.depth + cell_len(node.name) + extra)
        if step.planned.holds_steps and step.id in state.scopes:
            counts = max(counts, len(progress(state, step, shape.needing.get(place, 0), short=True)))
    words = max(words, _words(statuses))
    return min(widest, WIDEST), words, counts


def _words(statuses: Collection[str]) -> int:
    return max((WORDS.get(status) or cell_len(str(status_badge(status))) for status in statuses), default=0)


def _run_badge(shape: Shape) -> Badge:
    state = shape.state
    return run_badge(shape.status or state.status, 0 if state.over else sum(_top(shape)))


def _top(shape: Shape) -> Iterator[int]:
    return (count for place, count in shape.needing.items() if shape.tree.nodes[place].parent < 0)


def _heading(columns: _Columns, width: int) -> Content:
    name, has_tokens, has_cost, bars = columns.lay_out(width)
    parts = [cell("step", name + 1), cell("", columns.words + 1), cell("time", columns.time, right=True)]
    parts += [cell("tokens", TOKENS, right=True)] if has_tokens else []
    parts += [cell("cost", COST, right=True)] if has_cost else []
    parts += [Content("  timeline")] if bars else []
    return Content.assemble(" ", *parts).stylize(QUIET)


def _above(state: RunState, columns: _Columns, node: Node, width: int) -> Content:
    """What is done about others, and how that ended."""
    scope = state.scopes[node.above]
    name, *_ = columns.lay_out(width)
    text, indent = heading(state, scope), " " * min(1 + 2 * (node.depth - 1), width // 2)
    if scope.open:
        return Content.assemble(indent, cell(text, width - len(indent), f"bold {QUIET}"))
    room = max(name + 1 - len(indent), min(cell_len(text), width - 16))
    return Content.assemble(indent, cell(text, room, f"bold {QUIET}"), " ", (str(status_badge(scope.status)), QUIET))


def _run(shape: Shape, columns: _Columns, width: int) -> Content:
    state = shape.state
    took = (state.ended or shape.now) - state.started if state.started else None
    line = _Line(state.title or state.workflow, _run_badge(shape), took, state.spent)
    return _drawn(line, columns, width, (state.started, state.ended or shape.now))


def _step(shape: Shape, columns: _Columns, place: int, fold: str, width: int) -> Content:
    state, node = shape.state, shape.tree.nodes[place]
    step = state.steps[node.address]
    end = step.ended if step.ended is not None else (state.ended or shape.now)
    took = None if step.started is None else end - step.started
    if step.over and not step.planned.holds_steps:
        took = seconds_at_work(state, step, end)  # as the story tells it: without the wait for a person
    spans = tuple(
        (
            attempt.started,
            attempt.ended if attempt.ended is not None else end,
            STYLES[status_badge(attempt.status).role],
        )
        for attempt in step.attempts
    )
    name = f"{node.name} ◆ {step.planned.performers[step.performer]}" if step.understudied else node.name
    counts = ("", "")
    if step.planned.holds_steps:
        waiting = shape.needing.get(place, 0)
        counts = progress(state, step, waiting), progress(state, step, waiting, short=True)
    badge, asked = step_badge(state, step.id), shape.asked == step.id
    line = _Line(name, badge, took, step.spent, spans, 2 * node.depth, fold, counts, asked)
    return _drawn(line, columns, width, (state.started, state.ended or shape.now))


@dataclass(frozen=True)
class _Line:
    """What a row shows. `spans` are (from, to, style) of each attempt.

    `counts`, long and short, stand in the place of the figures.
    """

    name: str
    badge: Badge
    took: float | None
    spent: Spending
    spans: tuple[tuple[float, float, str], ...] = ()
    indent: int = 0
    fold: str = ""
    counts: tuple[str, str] = ("", "")
    asked: bool = False


def _drawn(line: _Line, columns: _Columns, width: int, span: tuple[float, float]) -> Content:
    name, has_tokens, has_cost, bars = columns.lay_out(width)
    style = STYLES[line.badge.role]
    quiet = style if line.badge.role == "quiet" else ""
    parts: list[Content | str | tuple[str, str]] = [
        ("▌", STYLES["attention"]) if line.asked else " ",
        *_named(line, name, quiet),
        " ",
        cell(str(line.badge), columns.words + 1, style),
        cell(duration(line.took), columns.time, quiet, right=True),
    ]
    if any(line.counts):
        left = width - name - columns.words - columns.time - 5
        text = next((text for text in line.counts if len(text) <= left), line.counts[-1])
        return Content.assemble(*parts, "  ", cell(text, left, QUIET))
    used = line.spent.tokens_in + line.spent.tokens_out
    parts += [cell(tokens(used) if used else "–", TOKENS, quiet or QUIET, right=True)] if has_tokens else []
    parts += [cell(cost_of(line.spent), COST, quiet or QUIET, right=True)] if has_cost else []
    return Content.assemble(*parts, *(("  ", _timeline(line, bars, span)) if bars else ()))


def _named(line: _Line, width: int, quiet: str) -> Iterator[Content]:
    """The name, in as far as it is deep, with the sign of its fold behind it, as wide as asked."""
    indent = min(line.indent, width // 2)
    yield Content(" " * indent)
    if not line.fold:
        yield cell(line.name, width - indent, quiet)
        return
    own = max(1, min(cell_len(line.name), width - indent - 2))
    yield cell(line.name, own, quiet)
    yield Content(" ")
    yield cell(line.fold, width - indent - own - 1, STYLES["active"])


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
