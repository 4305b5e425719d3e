"""Text that grows at its end: plain, capped, wrapped to the width, followed until somebody scrolls up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scrollbar import ScrollTo
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual

from app.tui.actions import bindings
from app.tui.widgets.scrolled import Lines
from app.tui.wrap import TAB, breaks
from workflows.records import dataclass
from workflows.text import safe_text

MOST_LINES = 10_000
"""Lines that are kept; of a longer text the last ones."""

LONGEST = 4_000
"""Characters after which a line without an end is broken."""


class Tail(Lines, can_focus=True):
    """A text pane. `add` appends and never re-lays out what is there."""

    ALLOW_SELECT = True
    BINDINGS = bindings("text")
    DEFAULT_CSS = """
    Tail {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    @dataclass
    class FollowChanged(Message):
        """A person scrolled away from the end, or back to it: whether the view moves with the text now."""

        tail: Tail
        following: bool

        @property
        def control(self) -> Tail:
            return self.tail

    def __init__(self, ident: str | None = None, style_of: Callable[[str], str] = lambda line: "") -> None:
        """`style_of` gives the style of a whole line."""
        super().__init__(id=ident)
        self._style_of = style_of
        self.following = True
        self.unseen = 0
        self.dropped = 0
        self._lines: list[str] = []
        self._open = False
        self._parts: list[list[tuple[int, int]]] = []
        self._starts: list[int] | None = None
        self._laid_out = 0

    @property
    def text(self) -> str:
        """What is kept, as it would be copied."""
        return "\n".join(self._lines)

    @property
    def summary(self) -> str:
        """Says that earlier lines are not shown, where that is so."""
        total = self.dropped + len(self._lines)
        return f"showing the last {len(self._lines)} of {total} lines" if self.dropped else ""

    def clear(self) -> None:
        self._lines.clear()
        self._parts.clear()
        self._open, self._starts, self.dropped, self.unseen = False, None, 0, 0
        self.following = True
        self.virtual_size = Size(0, 0)
        self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.refresh()

    def show(self, text: str) -> None:
        """This text instead of what was there, from its beginning."""
        self.clear()
        self.following = False
        self.add(text)
        self.unseen = 0
        self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def renew(self, text: str) -> None:
        """This text instead of what was there; the view stays where it is."""
        at = self.scroll_y
        self.show(text)
        self.scroll_to(y=min(at, self.max_scroll_y), animate=False, immediate=True, force=True)

    def add(self, text: str) -> None:
        """More text at the end. It is cleaned here."""
        if not text:
            return
        before = len(self._lines)
        first = max(0, before - 1)
        pieces = safe_text(text, max_line=None).split("\n")
        if self._open:
            pieces[0] = self._lines.pop() + pieces[0]
        self._open = bool(pieces[-1])
        self._lines += [part for piece in pieces[: None if self._open else -1] for part in _broken(piece)]
        self._lay_out(first)
        if not self.following:
            self.unseen += max(0, len(self._lines) - before)
        self._trim()
        self._grown()

    def add_line(self, text: str) -> None:
        """A line of its own."""
        self.add(f"{chr(10) if self._open else ''}{text}\n")

    def _lay_out(self, first: int) -> None:
        """Wrap the lines from `first` on."""
        # Where it is not shown it has no width, and is laid out when it has one.
        width = self._width if self.size.width else LONGEST
        del self._parts[first:]
        for place in range(first, len(self._lines)):
            self._parts.append(breaks(self._lines[place], width))
        self._starts = None
        self._laid_out = width

    def _trim(self) -> None:
        if (extra := len(self._lines) - MOST_LINES) <= 0:
            return
        # A good many at once, so that a fast text is not laid out again with each of its lines.
        extra = min(len(self._lines), extra + MOST_LINES // 10)
        rows = sum(len(parts) for parts in self._parts[:extra])
        del self._lines[:extra], self._parts[:extra]
        self.dropped += extra
        self._starts = None
        if not self.following:
            self.scroll_to(y=max(0, self.scroll_y - rows), animate=False, immediate=True, force=True)

    @property
    def _width(self) -> int:
        return max(1, self.scrollable_content_region.width)

    def _rows(self) -> list[int]:
        """Where each line's first row is, and after the last one the number of rows."""
        if self._starts is None:
            self._starts = list(accumulate((len(parts) for parts in self._parts), initial=0))
        return self._starts

    def _grown(self) -> None:
        self.virtual_size = Size(self._width, self._rows()[-1])
        if self.following:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        if self._width != self._laid_out:
            self._lay_out(0)
        self._grown()

    def render_line(self, y: int) -> Strip:
        row, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        rows = self._rows()
        if row >= rows[-1]:
            return Strip.blank(self.size.width, self.rich_style)
        line = bisect_right(rows, row) - 1
        first, last = self._parts[line][row - rows[line]]
        content = Content.styled(self._lines[line][first:last].rstrip(), self._style_of(self._lines[line]))
        if (selection := self.text_selection) is not None and (span := selection.get_span(line)) is not None:
            start, end = span
            end = len(self._lines[line]) if end == -1 else end
            marked = self.screen.get_visual_style("screen--selection")
            content = content.stylize(marked, max(0, start - first), max(0, min(end, last) - first))
        content = content.expand_tabs(TAB)
        strip = Visual.to_strips(self, content, width, 1, self.visual_style, pad=True, apply_selection=False)[0]
        return strip.apply_offsets(first, line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The lines as they were written, without the breaks that wrapping makes."""
        return selection.extract(self.text), "\n"

    # Following

    def follow(self, follow: bool = True) -> None:
        """Move with the text, or stay where the view is."""
        self.following, self.unseen = follow, 0
        if follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)

    def _move(self, y: float) -> None:
        """A person scrolls to this row: at the end the view follows again."""
        end = self.max_scroll_y
        y = max(0, min(y, end))
        self.scroll_to(y=y, animate=False, immediate=True, force=True)
        if (y >= end) != self.following:
            self.follow(y >= end)
            self.post_message(self.FollowChanged(self, self.following))

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def action_line_down(self) -> None:
        self._move(self.scroll_y + 1)

    def action_line_up(self) -> None:
        self._move(self.scroll_y - 1)

    def action_page_down(self) -> None:
        self._move(self.scroll_y + self._page)

    def action_page_up(self) -> None:
        self._move(self.scroll_y - self._page)

    def action_top(self) -> None:
        self._move(0)

    def action_end(self) -> None:
        self._move(self.max_scroll_y)

    def on_scroll_to(self, event: ScrollTo) -> None:
        """The scroll bar was dragged."""
        if event.y is not None:
            event.stop()
            event.prevent_default()
            self._move(event.y)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_y - 3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self._move(self.scroll_y + 3)


def _broken(line: str) -> list[str]:
    return [line[at : at + LONGEST] for at in range(0, len(line), LONGEST)] or [""]
