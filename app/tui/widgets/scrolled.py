"""What is scrolled by the keys that all texts are scrolled by."""

from __future__ import annotations

from textual.containers import VerticalScroll

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
