"""What is scrolled: texts by the keys of all texts, and lines that are drawn as they come into view."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.scroll_view import ScrollView

from app.tui.actions import bindings


class Scrolled(VerticalScroll, can_focus=True):
    """Moves at once: a view that glides is behind the key that is held."""

    BINDINGS = bindings("text")

    def action_line_down(self) -> None:
        self.scroll_relative(y=1, animate=False)

    def action_line_up(self) -> None:
        self.scroll_relative(y=-1, animate=False)

    def action_top(self) -> None:
        self.scroll_home(animate=False)

    def action_end(self) -> None:
        self.scroll_end(animate=False)


class Lines(ScrollView, can_focus=True):
    """Draws what is in view. Its scroll bar is where it is scrolled to, also if that was before it had one."""

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_show_horizontal_scrollbar(self, shown: bool) -> None:
        if shown:
            self.horizontal_scrollbar.position = self.scroll_x
