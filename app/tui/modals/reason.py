"""Why something is denied: a line for the one who asked, or none."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from app.tui.modals.frame import Modal
from app.tui.text import keys, line
from app.tui.widgets.line_field import LineField


class Reason(Modal[str]):
    """Dismissed with the reason, which may be empty; with None nothing is denied."""

    def __init__(self, what: str, consequence: str) -> None:
        super().__init__()
        self._what, self._consequence = what, consequence

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line("deny", 20)
            yield Static(line(self._what), markup=False)
            yield Static(line(self._consequence), classes="quiet", markup=False)
            yield LineField(placeholder="Why? Whoever asked is told. May be left empty.")
            yield Static(keys(("enter", "deny"), ("esc", "go back, nothing is denied")), classes="hint", markup=False)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
