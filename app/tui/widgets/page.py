"""A page of lines that were made for people: it is scrolled, and nothing in it can be chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.tui.actions import bindings


class Page(VerticalScroll, can_focus=True):
    """Shows what it is given, from its beginning where it is another text."""

    BINDINGS = bindings("text")

    def __init__(self, ident: str) -> None:
        super().__init__(id=ident)
        self._content = Content("")

    def compose(self) -> ComposeResult:
        yield Static(self._content, markup=False)

    def show(self, content: Content) -> None:
        if content.is_same(self._content):
            return
        self._content = content
        for shown in self.query(Static):
            shown.update(content)
        self.scroll_home(animate=False)

    def action_line_down(self) -> None:
        self.scroll_relative(y=1, animate=False)

    def action_line_up(self) -> None:
        self.scroll_relative(y=-1, animate=False)

    def action_top(self) -> None:
        self.scroll_home(animate=False)

    def action_end(self) -> None:
        self.scroll_end(animate=False)
