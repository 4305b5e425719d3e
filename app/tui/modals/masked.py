"""A value that nobody may see over a shoulder: typed or pasted, and shown as dots."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from app.tui.modals.frame import Modal
from app.tui.text import STYLES, block, keys, line
from app.tui.widgets.line_field import LineField
from workflows.errors import UnderstudyError


class Masked(Modal[str]):
    """Dismissed with the value. What `check` raises is shown; the value itself never is."""

    def __init__(self, title: str, text: str, check: Callable[[str], object]) -> None:
        super().__init__()
        self._title, self._text, self._check = title, text, check

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 100)
            yield Static(block(self._text), id="text", markup=False)
            yield LineField(password=True, placeholder="paste it here")
            yield Static(id="error", markup=False)
            yield Static(keys(("enter", "take it"), ("esc", "go back, nothing is kept")), classes="hint", markup=False)

    @on(Input.Changed)
    def changed(self) -> None:
        self.query_one("#error", Static).update("")

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        try:
            self._check(event.value.strip())
        except UnderstudyError as error:
            self.query_one("#error", Static).update(line(error.message, 300, STYLES["bad"]))
        else:
            self.dismiss(event.value.strip())
