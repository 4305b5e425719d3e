"""A list of one-line rows with a cursor. Only what is visible is drawn, so a long list costs what a short one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from app.tui.actions import bindings
from app.tui.widgets.scrolled import Lines
from workflows.records import dataclass

Draw = Callable[[int], Content]


@dataclass(frozen=True)
class Row:
    """A line. `draw` gives its content for a width in columns. One without a key is a heading: the cursor skips it."""

    draw: Draw
    key: str = ""


class Rows(Lines, can_focus=True):
    """Rows that are given whole each time; the cursor stays on its key, or near where it was."""

    BINDINGS = bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--hover"}
    DEFAULT_CSS = """
    Rows {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        .rows--cursor { background: $block-cursor-blurred-background; }
        .rows--hover { background: $foreground 6%; }
        &:focus .rows--cursor { background: $primary 18%; text-style: bold; }
    }
    """

    cursor: reactive[int] = reactive(-1)
    hovered: reactive[int] = reactive(-1)

    @dataclass
    class Highlighted(Message):
        """A person moved the cursor to another row."""

        rows: Rows
        key: str

        @property
        def control(self) -> Rows:
            return self.rows

    @dataclass
    class Chosen(Message):
        """A row was opened: with enter, or with a click on where the cursor was."""

        rows: Rows
        key: str

        @property
        def control(self) -> Rows:
            return self.rows

    def __init__(self, ident: str | None = None) -> None:
        super().__init__(id=ident)
        self._rows: tuple[Row, ...] = ()
        self._kept = ""
        self._kept_first = False
        self._kept_at = -1
        self._moved = False

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    @property
    def key(self) -> str:
        """The key under the cursor, empty where there is none."""
        return self._rows[self.cursor].key if 0 <= self.cursor < len(self._rows) else ""

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows instead. Rows that draw the same may be new objects."""
        before, key = self.cursor, self.key
        self._rows = tuple(rows)
        self.virtual_size = Size(self.size.width, len(self._rows))
        places = {row.key: place for place, row in enumerate(self._rows) if row.key}
        place = places[key] if key in places else self._nearest(before)
        self.set_reactive(Rows.cursor, place)
        kept_at, self._kept_at = self._kept_at, places.get(self._kept, -1)
        if (place, self._kept_at) != (before, kept_at) or len(self._rows) <= self.size.height:
            self._reveal()
        self.refresh()

    def keep(self, key: str, *, first: bool = False) -> None:
        """Keep the row with this key in view beside the cursor's; where both have no room, the cursor's, or it `first`.

        A row that is kept anew comes first, until a person moves the cursor; not where it is because they did.
        """
        first = first or (not self._moved and bool(key) and (key != self._kept or self._kept_first))
        self._moved = False
        if (key, first) != (self._kept, self._kept_first):
            self._kept, self._kept_first = key, first
            self._kept_at = next((at for at, row in enumerate(self._rows) if key and row.key == key), -1)
            self._reveal()

    def move_to(self, key: str) -> None:
        """Put the cursor on the row with this key, if there is one."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self.cursor = place
                return

    def _nearest(self, place: int) -> int:
        open_places = [at for at, row in enumerate(self._rows) if row.key]
        return min(open_places, key=lambda at: abs(at - place), default=-1)

    def watch_cursor(self, before: int, after: int) -> None:
        if before == after:
            return
        self._redraw(before, after)
        self._reveal()

    def _go(self, place: int) -> None:
        """A person moves the cursor."""
        if place != self.cursor and 0 <= place < len(self._rows):
            self._kept_first, self._moved = False, True
            self.cursor = place
            self.post_message(self.Highlighted(self, self.key))

    def watch_hovered(self, before: int, after: int) -> None:
        self._redraw(before, after)

    def _redraw(self, *places: int) -> None:
        for place in places:
            if 0 <= place < len(self._rows):
                self.refresh_lines(place)

    def refresh_lines(self, y_start: int, line_count: int = 1) -> None:
        super().refresh_lines(y_start, line_count)

    def render_line(self, y: int) -> Strip:
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if not 0 <= place < len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        row = self._rows[place]
        style = self.visual_style
        if row.key and place == self.cursor:
            style += self.get_visual_style("rows--cursor")
            if self.has_focus and self.app.native_ansi_color:
                # No colour can be put behind the terminal's own ones that all of them can be read on.
                style += Style(reverse=True)
        elif row.key and place == self.hovered:
            style += self.get_visual_style("rows--hover")
        content = row.draw(width)
        return Visual.to_strips(self, content, width, 1, style, pad=True, apply_selection=False)[0]

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._reveal()

    def _reveal(self) -> None:
        """Bring the cursor into view, with a heading right above it and the row that is kept where there is room."""
        room = self.scrollable_content_region.height
        if not 0 <= self.cursor < len(self._rows) or not room:
            return
        wanted = [self.cursor]
        if self._kept_at >= 0:
            wanted.insert(0 if self._kept_first else 1, self._kept_at)
        top = bottom = wanted[0]
        for place in (*wanted[1:], *(place - 1 for place in wanted if place and not self._rows[place - 1].key)):
            if max(bottom, place) - min(top, place) < room:
                top, bottom = min(top, place), max(bottom, place)
        self.scroll_to_region(Region(0, top, 1, bottom - top + 1), animate=False, immediate=True, force=True)

    # What keys and the mouse do

    def _step(self, by: int) -> None:
        place = self.cursor + by
        way = 1 if by > 0 else -1
        place = max(0, min(place, len(self._rows) - 1))
        while 0 <= place < len(self._rows) and not self._rows[place].key:
            place += way
        if not 0 <= place < len(self._rows):
            place = self._nearest(len(self._rows) if way > 0 else 0)
        self._go(place)

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        if self.cursor <= 0 or not any(row.key for row in self._rows[: self.cursor]):
            self.scroll_home(animate=False)
            return
        self._step(-1)

    def action_page_down(self) -> None:
        self._step(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._step(-max(1, self.size.height - 1))

    def action_first(self) -> None:
        self.scroll_home(animate=False)
        self._go(self._nearest(0))

    def action_last(self) -> None:
        self._go(self._nearest(len(self._rows)))

    def action_choose(self) -> None:
        if self.key:
            self.post_message(self.Chosen(self, self.key))

    def _place_of(self, event: events.MouseEvent) -> int:
        return event.y - self.styles.gutter.top + self.scroll_offset.y

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.hovered = self._place_of(event)

    def on_leave(self) -> None:
        self.hovered = -1

    def on_click(self, event: events.Click) -> None:
        place = self._place_of(event)
        if not 0 <= place < len(self._rows) or not self._rows[place].key:
            return
        if place == self.cursor:
            self.action_choose()
        self._go(place)

    def get_content_width(self, container: Any, viewport: Any) -> int:
        return int(container.width)
