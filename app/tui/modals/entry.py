"""A text or a number on one line, checked before it is taken."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from app.tui.modals.frame import Modal
from app.tui.modals.json_editor import Edited
from app.tui.text import STYLES, block, keys, line
from app.tui.widgets.line_field import LineField
from workflows.errors import UnderstudyError
from workflows.values import Json


class Entry(Modal[Edited]):
    """Dismissed with what `read` makes of the text. What it raises is shown, and the text stays."""

    def __init__(
        self,
        title: str,
        text: str,
        wanted: str,
        read: Callable[[str], Json],
        problem: str = "",
        *,
        initial: str = "",
        hint: str = "give it",
    ) -> None:
        super().__init__()
        self._initial, self._hint = initial, hint
        self._title, self._text, self._wanted, self._problem = title, text, wanted, problem
        self._read = read

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 100)
            yield Static(block(self._text), id="text", markup=False)
            yield LineField(self._initial, placeholder=line(self._wanted, 200).plain)
            yield Static(line(self._problem, 300, STYLES["bad"]), id="error", markup=False)
            yield Static(keys(("enter", self._hint), ("esc", "go back, nothing changes")), classes="hint", markup=False)

    @on(Input.Changed)
    def changed(self) -> None:
        self.query_one("#error", Static).update("")

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        try:
            value = self._read(event.value)
        except UnderstudyError as error:
            self.query_one("#error", Static).update(line(error.message, 300, STYLES["bad"]))
        else:
            self.dismiss(Edited(value))

    def action_submit(self) -> None:
        field = self.query_one(Input)
        field.post_message(Input.Submitted(field, field.value))
