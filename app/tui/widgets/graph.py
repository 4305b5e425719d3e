"""A run's own steps in layers: state, what waits for what, and the one on view. Moves in two directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual

from app.present.figures import brief
from app.present.status import step_badge
from app.tui.actions import bindings
from app.tui.lanes import direct_needs
from app.tui.layered import Picture, Spot, centred, picture_of
from app.tui.outline import progress
from app.tui.text import QUIET, STYLES, cell
from app.tui.widgets.rail import LINES
from app.tui.widgets.scrolled import Lines
from workflows.planning.plan import Plan
from workflows.records import dataclass
from workflows.runs.state import RunState
from workflows.text import one_line

WIDEST = 26
"""Columns of a step's name at most."""


class Graph(Lines, can_focus=True):
    """Shows a run; `key` is the step that is selected."""

    BINDINGS = bindings("graph")
    DEFAULT_CSS = """
    Graph {
        display: none;
        height: 1fr;
        border: round $border;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        &:focus { border: round $primary 70%; border-title-color: $primary; }
    }
    """

    @dataclass
    class Highlighted(Message):
        """A person selected another step."""

        key: str

    @dataclass
    class Chosen(Message):
        """A person opened the selected step."""

        key: str

    @dataclass
    class Left(Message):
        """A person wants the list back."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self._plan: Plan | None = None
        self._needs: Mapping[str, Sequence[str]] = {}
        self._state: RunState | None = None
        self._picture = Picture()
        self._drawn_for = 0
        self._now: Callable[[], float] = lambda: 0.0
        self.border_title = "graph"

    def show(self, state: RunState, key: str, now: Callable[[], float]) -> None:
        """Bring it to where the run stands, with this step selected, or the one that holds it."""
        self._now = now
        if state.plan is not self._plan:
            self._plan, self._needs, self._drawn_for = state.plan, direct_needs(state.plan), 0
        self._state = state
        self._lay_out()
        if key not in self._needs and self._needs:
            key = next((step for step in self._needs if key.startswith((f"{step}[", f"{step}>", f"{step}~"))), "")
            key = key or next(iter(self._needs))
        if key != self.key:
            self.key = key
            self._reveal()
        self.border_subtitle = self._about()
        self.refresh()

    def _lay_out(self) -> None:
        room = self.scrollable_content_region.width
        if not room or room == self._drawn_for or self._state is None:
            return
        widths = {key: 5 + min(WIDEST, cell_len(one_line(key, 80))) for key in self._needs}
        self._picture, self._drawn_for = centred(picture_of(self._needs, widths, room), room), room
        self.virtual_size = Size(self._picture.width, self._picture.height)
        self._reveal()

    def on_resize(self) -> None:
        self._lay_out()
        self.refresh()

    def _about(self) -> Content:
        """Of the selected step: state, time, what it waits for, and what waits for it."""
        state = self._state
        if state is None or self.key not in state.steps:
            return Content("")
        step, badge = state.steps[self.key], step_badge(state, self.key)
        parts: list[Any] = [one_line(self.key, 40), " ", (str(badge), STYLES[badge.role])]
        if step.started is not None:
            parts.append(f" {brief((step.ended if step.ended is not None else self._now()) - step.started)}")
        if step.planned.holds_steps and (text := progress(state, step, 0, short=True)):
            parts.append(f" · {text}")
        then = [other for other, needs in self._needs.items() if self.key in needs]
        for word, names in (("after", self._needs[self.key]), ("before", then)):
            if names:
                parts.append((f" · {word} {one_line(', '.join(names), 60)}", QUIET))
        return Content.assemble(*parts)

    def render_line(self, y: int) -> Strip:
        row, left = y + self.scroll_offset.y, self.scroll_offset.x
        width = self.scrollable_content_region.width
        content = self._line(row)
        strips = Visual.to_strips(self, content, max(self._picture.width, width), 1, self.visual_style, pad=True)
        return strips[0].crop(left, left + width)

    def _line(self, y: int) -> Content:
        assert self._state is not None or not self._picture.spots
        line = (self._picture.lines or {}).get(y, "")
        parts: list[Content] = []
        at = 0
        for spot in (spot for spot in self._picture.spots if spot.y == y):
            parts.append(Content.styled(line[at : spot.x].ljust(spot.x - at), LINES))
            parts.append(self._node(spot))
            at = spot.x + spot.width
        return Content.assemble(*parts, (line[at:], LINES))

    def _node(self, spot: Spot) -> Content:
        state = self._state
        assert state is not None
        badge = step_badge(state, spot.key)
        near = spot.key in self._needs.get(self.key, ()) or self.key in self._needs[spot.key]
        back = "$primary 35%" if spot.key == self.key else "$panel"
        style = STYLES[badge.role]
        name = cell(spot.key, spot.width - 5, "bold" if spot.key == self.key else "underline" if near else "")
        ends = ("▐", "▌") if spot.key == self.key else (" ", " ")
        return Content.assemble(
            (ends[0], STYLES["active"]), (f"{badge.glyph} ", style), name, " ", (ends[1], STYLES["active"])
        ).stylize_before(f"on {back}")

    # Moving

    def _reveal(self) -> None:
        if (spot := self._spot(self.key)) is not None:
            region = Region(max(0, spot.x - 1), max(0, spot.y - 1), spot.width + 2, 3)
            self.scroll_to_region(region, animate=False, immediate=True, force=True)

    def _spot(self, key: str) -> Spot | None:
        return next((spot for spot in self._picture.spots if spot.key == key), None)

    def _go(self, key: str) -> None:
        if key != self.key:
            self.key = key
            self._reveal()
            self.post_message(self.Highlighted(key))

    def _sideways(self, by: int) -> None:
        row = next((row for row in self._picture.rows if any(spot.key == self.key for spot in row)), ())
        keys = [spot.key for spot in row]
        if keys:
            self._go(keys[max(0, min(len(keys) - 1, keys.index(self.key) + by))])

    def _down(self, by: int) -> None:
        rows, here = self._picture.rows, self._spot(self.key)
        if here is None:
            return
        place = next(at for at, row in enumerate(rows) if here in row) + by
        if 0 <= place < len(rows):
            middle = here.x + here.width / 2
            self._go(min(rows[place], key=lambda spot: abs(spot.x + spot.width / 2 - middle)).key)

    def action_cursor_down(self) -> None:
        self._down(1)

    def action_cursor_up(self) -> None:
        self._down(-1)

    def action_cursor_left(self) -> None:
        self._sideways(-1)

    def action_cursor_right(self) -> None:
        self._sideways(1)

    def action_first(self) -> None:
        if self._picture.spots:
            self._go(self._picture.rows[0][0].key)

    def action_last(self) -> None:
        if self._picture.spots:
            self._go(self._picture.rows[-1][-1].key)

    def action_choose(self) -> None:
        if self.key:
            self.post_message(self.Chosen(self.key))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        x = event.x - self.styles.gutter.left + self.scroll_offset.x
        y = event.y - self.styles.gutter.top + self.scroll_offset.y
        for spot in self._picture.spots:
            if spot.y == y and spot.x <= x < spot.x + spot.width:
                if spot.key == self.key:
                    self.action_choose()
                self._go(spot.key)
