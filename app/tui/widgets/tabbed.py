"""Panes behind tabs, in a frame: what the previews of the screens are."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import TabbedContent, TabPane

from workflows.records import dataclass


@dataclass(frozen=True)
class Tab:
    """A tab: what it is called in code and on the screen, and what is behind it."""

    name: str
    title: str
    pane: Widget


class Tabbed(Vertical):
    """The panes take the focus; the tabs are turned with keys of the screen, or clicked."""

    DEFAULT_CSS = """
    Tabbed {
        border: round $border;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        &:focus-within { border: round $primary 70%; border-title-color: $primary; }
        TabbedContent { height: 1fr; }
        ContentSwitcher { height: 1fr; }
        TabPane { padding: 0; height: 1fr; }
        Tabs { height: 2; }
        Tab { padding: 0 2 0 0; }
        Underline > .underline--bar { background: $border; }
    }
    """

    def __init__(self, tabs: Sequence[Tab], ident: str) -> None:
        super().__init__(id=ident)
        self._tabs = {tab.name: tab for tab in tabs}

    def compose(self) -> ComposeResult:
        with TabbedContent(initial=next(iter(self._tabs))):
            for tab in self._tabs.values():
                with TabPane(tab.title, id=tab.name):
                    yield tab.pane

    def on_mount(self) -> None:
        # A tab is turned to by its key; the focus is for what can be scrolled and chosen.
        self.query_one("Tabs").can_focus = False

    @property
    def tab(self) -> str:
        return self.query_one(TabbedContent).active

    def open(self, name: str) -> None:
        """Show a tab. The focus goes along where it was inside."""
        inside = self.has_focus_within
        self.query_one(TabbedContent).active = name
        if inside:
            self.call_after_refresh(self.focus_pane)

    def turn(self, by: int) -> None:
        """The next tab, or the one before."""
        names = list(self._tabs)
        self.open(names[(names.index(self.tab) + by) % len(names)])

    def focus_pane(self) -> None:
        """Put the focus into the tab that is open."""
        pane = self._tabs[self.tab].pane
        focusable = [pane, *pane.query("*").results(Widget)]
        self.screen.set_focus(next((each for each in focusable if each.can_focus and each.display), None))
