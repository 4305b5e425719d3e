"""A page of lines that were made for people: it is scrolled, and nothing in it can be chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from app.tui.widgets.scrolled import Scrolled


class Page(Scrolled):
    """Shows what it is given, from its beginning where it is another text."""

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
