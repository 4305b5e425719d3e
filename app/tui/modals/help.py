"""What the keys do on the screen below and elsewhere, searched as one types, and the alphabet of states."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from textwrap import wrap

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from app.present.status import (
    FALLBACK,
    NEEDS_YOU,
    NOT_BEGUN,
    QUEUED,
    RUNNING,
    UNKNOWN,
    status_badge,
)
from app.tui.actions import ACTIONS, EVERYWHERE, Action, actions, shown_key
from app.tui.modals.frame import Modal
from app.tui.text import KEY, QUIET, badge, cell, line
from app.tui.widgets.line_field import LineField
from workflows.text import one_line

TITLES = {
    EVERYWHERE: "Everywhere",
    "list": "In lists",
    "graph": "In the graph",
    "text": "In text",
    "modal": "In boxes like this",
}
STATES = (
    NOT_BEGUN,
    QUEUED,
    RUNNING,
    NEEDS_YOU,
    status_badge("succeeded"),
    status_badge("failed"),
    status_badge("skipped"),
    FALLBACK,
    status_badge("blocked"),
    status_badge("undone"),
    status_badge("paused"),
    status_badge("cancelled"),
    status_badge("interrupted"),
    UNKNOWN,
)


KEYS = 18
"""Columns of the keys."""

WIDEST = 104
"""Columns of the text where there is room."""


SCROLLING = {
    "down": "down",
    "up": "up",
    "pagedown": "page_down",
    "pageup": "page_up",
    "home": "home",
    "end": "end",
}
"""What keys do that the field has no use for, as the ends of the names of what scrolls."""


class Help(Modal[None]):
    """The table of actions for one screen. Those that are not legal now say why."""

    def __init__(self, where: str, facts: Collection[str]) -> None:
        super().__init__(classes="-large")
        self._where, self._facts = where, facts

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line("keys", 20)
            box.border_subtitle = line("pgdn more · esc close", 40)
            yield LineField(placeholder="type to search: words of what you want to do, or a key", id="words")
            with VerticalScroll(can_focus=False):
                yield Static(id="lines", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.on_resize()

    @on(Input.Changed)
    def on_resize(self) -> None:
        """Lay the lines out for the width there is, and what is searched for."""
        words = self.query_one(Input).value.casefold().split()
        self.query_one("#lines", Static).update(Content("\n").join(self._lines(words)))

    def on_key(self, event: events.Key) -> None:
        if scroll := SCROLLING.get(event.key):
            event.stop()
            getattr(self.query_one(VerticalScroll), f"scroll_{scroll}")(animate=False)

    @property
    def _room(self) -> int:
        return min(WIDEST, int(self.app.size.width * 0.96) - 8)

    def _lines(self, words: Sequence[str]) -> list[Content]:
        lines: list[Content] = []
        here = (self._where, EVERYWHERE, "list", *(["graph"] if self._where == "run" else []), "text", "modal")
        for where in here:
            lines += self._section(where, TITLES.get(where, f"On this screen: {where}"), words, self._facts)
        states = [badge(state, 15) for state in STATES if all(word in state.word for word in words)]
        if states:
            lines.append(Content.styled("States", "bold"))
            lines += [Content.assemble("  ", *states[at : at + 4]) for at in range(0, len(states), 4)]
            lines.append(Content(""))
        for where in dict.fromkeys(action.where for action in ACTIONS if action.where not in here):
            lines += self._section(where, TITLES.get(where, f"On another screen: {where}"), words, None)
        return lines or [line("Nothing here has these words.", 60, QUIET)]

    def _section(self, where: str, title: str, words: Sequence[str], facts: Collection[str] | None) -> list[Content]:
        """What can be done in a place, of what has the words; without facts nobody knows whether it can be now."""
        first = {key for action in actions(self._where) if action.first for key in action.keys}
        shown = [action for action in actions(where) if all(word in _words(action) for word in words)]
        if not shown:
            return []
        rows = (self._line(action, first if facts is not None else (), facts) for action in shown)
        return [Content.styled(title, "bold"), *rows, Content("")]

    def _line(self, action: Action, first: Collection[str], facts: Collection[str] | None) -> Content:
        why_not = action.illegal(facts) if facts is not None else ""
        keys = (key for key in action.keys if action.first or key not in first)
        others = ", ".join(map(shown_key, keys))
        # What does not fit beside its keys goes on below, and stays in its column.
        text = one_line(f"{action.about}  ({why_not})" if why_not else action.about, 160)
        rows = wrap(text, max(20, self._room - KEYS)) or [""]
        heads = [cell(others, KEYS, KEY if not why_not else f"{QUIET} dim"), *[cell("", KEYS)] * (len(rows) - 1)]
        style = QUIET if why_not else ""
        return Content("\n").join(
            Content.assemble(head, Content.styled(row, style)) for head, row in zip(heads, rows, strict=True)
        )


def _words(action: Action) -> str:
    """All that an action can be found by."""
    keys = " ".join(map(shown_key, action.keys))
    return f"{action.where} {action.label} {action.about} {keys}".casefold()
