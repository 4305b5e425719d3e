"""The steps of a run, one row each: state as glyph and word, time, tokens, cost, and when each was at work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from rich.cells import cell_len
from textual.content import Content

from app.present.figures import NOTHING, brief, cost_of, tokens
from app.present.status import FALLBACK, Badge, run_badge, status_badge, step_badge
from app.present.timing import seconds_at_work
from app.tui.lanes import Lane, lanes_of
from app.tui.outline import Node, Outline, guides, heading, needing, outline, progress, visible
from app.tui.text import QUIET, STYLES, cell
from app.tui.timeline import Piece, Scale, Window, axis, bar, pieces_of, window_of
from app.tui.widgets.rows import Row
from workflows.effects import Spending
from workflows.records import dataclass
from workflows.runs.state import RunState

THE_RUN = "*"
"""The key of the first row, which stands for the run as a whole."""

TIME, TOKENS, COST = 7, 7, 9
WIDEST = 32
"""Columns of the widest name; behind a step's own stands its understudy's, where one took over."""

LEAST_BY = 6
"""Columns of an understudy's name, unless it is shorter; with less room only its sign is there."""

TITLE = 18
"""Columns that the run's own name may claim."""

BARS, GOOD_BARS = 6, 13
"""Columns that a timeline needs at least, and those that it has before names of understudies have any."""

LINES = "$text-muted 60%"
"""The colour of lines between steps."""

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
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    scale: Scale = "run"
    selected: str = ""
    """The step on view."""


def whole_shape(state: RunState, now: float, status: str = "") -> Shape:
    """A run as it is shown to somebody who has not folded anything."""
    tree = outline(state)
    waiting = needing(tree, () if state.over else state.open_inquiries)
    return Shape(state, now, status, tree, visible(tree, {}, waiting, ""), waiting, "", lanes_of(state.plan))


def rail_rows(shape: Shape) -> list[Row]:
    """A heading, the run, and a row for each step that is shown. What they say is made up when they are drawn."""
    state = shape.state
    columns = _measured(shape)
    window = window_of(state, shape.now, shape.scale, state.steps.get(shape.selected))
    rows = [Row(partial(_heading, columns, window)), Row(partial(_run, shape, columns, window), THE_RUN)]
    folds, beside, lane = _folds(shape), guides(shape.tree, shape.shown), ""
    for at, place in enumerate(shape.shown):
        node = shape.tree.nodes[place]
        if node.above:
            rows.append(Row(partial(_above, state, columns, node, lane)))
        if here := shape.lanes.get(node.address):
            lane = here.below
        row = partial(_step, shape, columns, window, place, folds.get(place, ""), beside[at], lane)
        rows.append(Row(row, node.address))
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
class _Layout:
    """Columns of each part of a row; 0 for a part that has no room."""

    name: int
    tokens: int
    cost: int
    bars: int

    @property
    def figures(self) -> int:
        return self.tokens + self.cost


@dataclass(frozen=True)
class _Columns:
    """Columns of the lanes, the widest name, the widest own name, the widest word and time; which figures there are."""

    lanes: int
    widest: int
    own: int
    words: int
    time: int
    has_tokens: bool
    has_cost: bool

    def lay_out(self, width: int) -> _Layout:
        """State and time always; then names, cost, a timeline, tokens; then the rest of what is longer."""
        left = width - 2 - self.words - self.time - self.lanes
        name = max(4, min(self.own, left))
        left -= name
        cost = COST if self.has_cost and left >= COST else 0
        left -= cost
        bars = BARS if left >= BARS + 2 else 0
        left -= bars + 2 if bars else 0
        tokens = TOKENS if self.has_tokens and left >= TOKENS else 0
        left -= tokens
        wider = max(0, min(GOOD_BARS - bars, left)) if bars else 0
        bars, left = bars + wider, left - wider
        more = max(0, min(self.widest - name, left))
        name, left = name + more, left - more
        if not cost and not self.has_cost and left >= COST:
            cost, left = COST, left - COST
        if not tokens and not self.has_tokens and left >= TOKENS:
            tokens, left = TOKENS, left - TOKENS
        return _Layout(name, tokens, cost, bars + left if bars else 0)


def _measured(shape: Shape) -> _Columns:
    state, nodes = shape.state, shape.tree.nodes
    own = max(min(cell_len(state.title or state.workflow), TITLE), 8)
    longer = 0
    statuses: set[str] = set()
    words = cell_len(str(_run_badge(shape)))
    for place in shape.shown:
        node = nodes[place]
        step = state.steps[node.address]
        statuses.add("interrupted" if state.status == "interrupted" and step.status == "running" else step.status)
        if step.retry_at is not None:
            words = max(words, cell_len(str(step_badge(state, step.id))))
        width = 2 * node.depth + cell_len(node.name)
        width += (2 if node.end > place + 1 else 0) + (2 if step.understudied else 0)
        own = max(own, width)
        if step.understudied:
            longer = max(longer, width + 1 + cell_len(step.planned.performers[step.performer]))
    lanes = max((len(lane.line) + 1 for lane in shape.lanes.values()), default=0)
    spent = state.spent
    return _Columns(
        lanes,
        min(max(own, longer), WIDEST),
        min(own, WIDEST),
        max(words, _words(statuses)),
        max(TIME, cell_len(brief(_took(shape))) + 1),
        bool(spent.tokens_in or spent.tokens_out),
        cost_of(spent) != NOTHING,
    )


def _words(statuses: Collection[str]) -> int:
    return max((WORDS.get(status) or cell_len(str(status_badge(status))) for status in statuses), default=0)


def _run_badge(shape: Shape) -> Badge:
    state = shape.state
    return run_badge(shape.status or state.status, 0 if state.over else sum(_top(shape)))


def _top(shape: Shape) -> Iterator[int]:
    return (count for place, count in shape.needing.items() if shape.tree.nodes[place].parent < 0)


def _heading(columns: _Columns, window: Window, width: int) -> Content:
    layout = columns.lay_out(width)
    parts = [
        cell("", columns.lanes),
        cell("step", layout.name + 1),
        cell("", columns.words),
        cell("time", columns.time, right=True),
    ]
    parts += [cell("tokens", layout.tokens, right=True), cell("cost", layout.cost, right=True)]
    parts += [Content("  "), axis(window, layout.bars)] if layout.bars else []
    return Content.assemble(" ", *parts).stylize(QUIET)


def _above(state: RunState, columns: _Columns, node: Node, lane: str, width: int) -> Content:
    """What is done about others, and how that ended."""
    scope = state.scopes[node.above]
    text, indent = heading(state, scope), " " * min(2 * (node.depth - 1), width // 2)
    lead = Content.assemble(" ", cell(lane, columns.lanes, LINES), indent)
    left = width - lead.cell_length
    if scope.open:
        return Content.assemble(lead, cell(text, left, f"bold {QUIET}"))
    room = max(columns.lay_out(width).name - len(indent), min(cell_len(text), left - 13))
    return Content.assemble(lead, cell(text, room, f"bold {QUIET}"), " ", (str(status_badge(scope.status)), QUIET))


def _run(shape: Shape, columns: _Columns, window: Window, width: int) -> Content:
    state = shape.state
    line = _Line(state.title or state.workflow, _run_badge(shape), _took(shape), state.spent)
    return _drawn(line, columns, window, width)


def _took(shape: Shape) -> float | None:
    state = shape.state
    return (state.ended or shape.now) - state.started if state.started else None


def _step(
    shape: Shape, columns: _Columns, window: Window, place: int, fold: str, guide: str, lane: str, width: int
) -> Content:
    state, node = shape.state, shape.tree.nodes[place]
    step = state.steps[node.address]
    end = step.ended if step.ended is not None else (state.ended or shape.now)
    took = None if step.started is None else end - step.started
    if step.over and not step.planned.holds_steps:
        took = seconds_at_work(state, step, end)  # as the story tells it: without the wait for a person
    counts = ("", "")
    if step.planned.holds_steps:
        waiting = shape.needing.get(place, 0)
        counts = progress(state, step, waiting), progress(state, step, waiting, short=True)
    line = _Line(
        node.name,
        step_badge(state, step.id),
        took,
        step.spent,
        pieces_of(state, step, end),
        step.planned.performers[step.performer] if step.understudied else "",
        guide,
        fold,
        counts,
        shape.asked == step.id,
        shape.lanes.get(node.address) or Lane(lane, -1, lane),
    )
    return _drawn(line, columns, window, width)


@dataclass(frozen=True)
class _Line:
    """What a row shows: `by` is the understudy, `guide` the lines from what holds the step.

    `counts`, long and short, stand in the place of the figures.
    """

    name: str
    badge: Badge
    took: float | None
    spent: Spending
    pieces: tuple[Piece, ...] = ()
    by: str = ""
    guide: str = ""
    fold: str = ""
    counts: tuple[str, str] = ("", "")
    asked: bool = False
    lane: Lane = Lane("", -1, "")


def _drawn(line: _Line, columns: _Columns, window: Window, width: int) -> Content:
    layout = columns.lay_out(width)
    style = STYLES[line.badge.role]
    quiet = style if line.badge.role == "quiet" else ""
    bars = bar(line.pieces, window, layout.bars) if layout.bars else Content("")
    parts: list[Content | str | tuple[str, str]] = [
        ("▌", STYLES["attention"]) if line.asked else " ",
        *_lane(line, columns.lanes, style),
        *_named(line, layout.name, quiet),
        " ",
        cell(str(line.badge), columns.words, style),
        cell(brief(line.took), columns.time, quiet, right=True),
    ]
    if any(line.counts):
        left = width - 2 - columns.lanes - layout.name - columns.words - columns.time
        short = len(line.counts[-1]) + 2 <= layout.figures
        room = (layout.figures if short and layout.bars else left) - 2
        text = next((text for text in line.counts if len(text) <= room), line.counts[-1])
        counted = Content.assemble("  ", cell(text, room, QUIET))
        return Content.assemble(*parts, counted, *(("  ", bars) if short and layout.bars else ()))
    used = line.spent.tokens_in + line.spent.tokens_out
    parts.append(cell(tokens(used) if used else NOTHING, layout.tokens, quiet or QUIET, right=True))
    parts.append(cell(cost_of(line.spent).replace(" + $", "+"), layout.cost, quiet or QUIET, right=True))
    return Content.assemble(*parts, "  ", bars)


def _lane(line: _Line, width: int, style: str) -> Iterator[Content]:
    """The lanes, with the step itself in the colour of its state."""
    text, node = line.lane.line.ljust(width)[:width], line.lane.node
    if node < 0:
        yield Content.styled(text, LINES)
        return
    yield Content.styled(text[:node], LINES)
    yield Content.styled(text[node], style)
    yield Content.styled(text[node + 1 :], LINES)


def _named(line: _Line, width: int, quiet: str) -> Iterator[Content]:
    """The name below its guide, with the sign of its fold and its understudy behind it, as wide as asked."""
    guide = line.guide[: width // 2]
    yield Content.styled(guide, LINES)
    left = width - len(guide)
    own = max(1, min(cell_len(line.name), left - (2 if line.fold else 0)))
    yield cell(line.name, own, quiet)
    left -= own
    if line.fold:
        yield Content.assemble(" ", (line.fold, STYLES["active"]))
        left -= 2
    if line.by and left > 1:
        by = left - 3 if left - 3 >= min(cell_len(line.by), LEAST_BY) else 0
        yield Content.assemble(
            " ", (FALLBACK.glyph, STYLES[FALLBACK.role]), " " if by else "", cell(line.by, by, quiet)
        )
        left -= 3 + by if by else 2
    yield Content(" " * max(0, left))
