"""A JSON value that a person changes or gives: a step's input, the output of a call that did happen."""

from __future__ import annotations

import json
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from app.present.carried import read_json
from app.tui.modals.frame import Modal
from app.tui.text import STYLES, block, keys, line
from workflows.records import dataclass
from workflows.text import safe_text
from workflows.values import Json, kind_of


@dataclass(frozen=True)
class Edited:
    """What was entered; of a step's input, whether it is also to be written to the workflow's file."""

    value: Json
    also: bool = False


class JsonEditor(Modal[Edited]):
    """Dismissed with the value. What is not JSON, or not of the wanted kind, stays in the editor and says where."""

    def __init__(
        self,
        title: str,
        text: str,
        value: Json,
        *,
        wanted: str = "",
        problem: str = "",
        check: Callable[[Json], str] = lambda value: "",
    ) -> None:
        """`wanted` is the kind of value; `check` says what is wrong with one, empty where nothing is."""
        super().__init__(classes="-large")
        self._check = check
        self._title, self._text, self._wanted = title, text, wanted
        self._value = value
        self._problem = problem

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 80)
            yield Static(block(self._text), classes="quiet", markup=False)
            yield TextArea(written(self._value), show_line_numbers=True, soft_wrap=True)
            yield Static(line(self._problem, 400, STYLES["bad"]), id="error", markup=False)
            yield Static(keys(("f5", "use this"), ("esc", "go back, nothing changes")), classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(TextArea.Changed)
    def changed(self) -> None:
        if self.query_one(TextArea).text != written(self._value):
            self._judge(lambda _: None)

    def action_submit(self) -> None:
        self._judge(lambda value: self.dismiss(Edited(value)))

    def _read(self) -> Json:
        """What the text says. Raises ValueError."""
        return read_json(self.query_one(TextArea).text)

    def _judge(self, then: Callable[[Json], object]) -> None:
        problem = ""
        try:
            value = self._read()
        except ValueError as error:
            problem = str(error)
        else:
            if self._wanted and kind_of(value) != self._wanted:
                problem = f"it is {kind_of(value)}, and {self._wanted} is wanted"
            elif unfit := self._check(value):
                problem = f"it does not fit: {unfit}"
        self.query_one("#error", Static).update(line(problem, 200, STYLES["bad"]))
        if not problem:
            then(value)


def written(value: Json) -> str:
    """The value as JSON to edit. What could act on a terminal or hide is written as an escape, so nothing is lost."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if safe_text(text, max_line=None) == text:
        return text
    return "".join(character if _plain(character) else _escaped(character) for character in text)


def _plain(character: str) -> bool:
    return safe_text(character) == character


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
