"""One of a few values: who takes over, where to begin again, the answer to a question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.tui.modals.frame import Modal
from app.tui.modals.json_editor import Edited
from app.tui.text import KEY, QUIET, block, cell, keys, line
from app.tui.widgets.rows import Row, Rows
from workflows.records import dataclass
from workflows.values import Json

TALLEST = 12
"""Rows of values that are shown at once."""


@dataclass(frozen=True)
class Pickable:
    """One value, how it is called, what it is or leads to. `key` takes it at once; else the first nine have digits."""

    value: Json
    label: str
    meaning: str = ""
    key: str = ""


class Pick(Modal[Edited]):
    """Dismissed with the value. The cursor begins on the first."""

    def __init__(self, title: str, text: str, values: Sequence[Pickable], hint: str = "take it") -> None:
        super().__init__()
        self._title, self._text, self._hint = title, text, hint
        self._values = tuple(values)
        self._keys = [each.key or (str(n) if n < 10 else "") for n, each in enumerate(values, 1)]

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 100)
            yield Static(block(self._text), id="text", markup=False)
            yield Rows("values")
            yield Static(keys(("enter", self._hint), ("esc", "go back, nothing changes")), classes="hint", markup=False)

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        widest = min(40, max(cell_len(each.label) for each in self._values))
        rows.show(
            [
                Row(partial(_drawn, key, each, widest), str(place))
                for place, (key, each) in enumerate(zip(self._keys, self._values, strict=True))
            ]
        )
        rows.styles.height = min(len(self._values), TALLEST)
        rows.focus()

    def on_key(self, event: events.Key) -> None:
        if event.key in self._keys:
            event.stop()
            self._take(self._keys.index(event.key))

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        self._take(int(event.key))

    def _take(self, place: int) -> None:
        self.dismiss(Edited(self._values[place].value))


def _drawn(key: str, each: Pickable, widest: int, width: int) -> Content:
    return Content.assemble(
        " ",
        cell(key, 3, KEY),
        cell(each.label, widest + 2, "bold"),
        cell(each.meaning, max(0, width - widest - 6), QUIET),
    )
