"""What the keys do on the screen below, and the alphabet of states."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.present.status import (
    FALLBACK,
    NEEDS_YOU,
    NOT_BEGUN,
    QUEUED,
    RUNNING,
    UNKNOWN,
    status_badge,
)
from app.tui.actions import EVERYWHERE, Action, actions, shown_key
from app.tui.modals.frame import Modal
from app.tui.text import KEY, QUIET, badge, cell, line
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


class Help(Modal[None]):
    """The table of actions for one screen. Those that are not legal now say why."""

    def __init__(self, where: str, facts: Collection[str]) -> None:
        super().__init__(classes="-large")
        self._where, self._facts = where, facts

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line("keys", 20)
            box.border_subtitle = line("pgdn more · esc close", 40)
            with VerticalScroll():
                yield Static(id="lines", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.on_resize()

    def on_resize(self) -> None:
        """Lay the lines out for the width there is."""
        self.query_one("#lines", Static).update(Content("\n").join(self._lines()))

    @property
    def _room(self) -> int:
        return min(WIDEST, int(self.app.size.width * 0.96) - 8)

    def _lines(self) -> list[Content]:
        lines: list[Content] = []
        first = {key for action in actions(self._where) if action.first for key in action.keys}
        for where in (self._where, EVERYWHERE, "list", *(["graph"] if self._where == "run" else []), "text", "modal"):
            shown: Sequence[Action] = list(actions(where))
            if not shown:
                continue
            title = TITLES.get(where, f"On this screen: {where}")
            lines += [Content.styled(title, "bold"), *(self._line(action, first) for action in shown), Content("")]
        states = [badge(state, 15) for state in STATES]
        lines.append(Content.styled("States", "bold"))
        lines += [Content.assemble("  ", *states[at : at + 4]) for at in range(0, len(states), 4)]
        return lines

    def _line(self, action: Action, first: Collection[str]) -> Content:
        why_not = action.illegal(self._facts)
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
