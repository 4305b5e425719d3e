"""All of what waits for a person: every fact and every line, to be scrolled. Here nothing is answered."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from app.present.figures import plural
from app.present.inquiry import Card
from app.tui.actions import find, shown_key
from app.tui.modals.frame import Modal
from app.tui.text import STYLES, keys, line
from app.tui.widgets.tail import Tail
from workflows.errors import UnderstudyError

_DIFF = {"+": STYLES["good"], "-": STYLES["bad"].removeprefix("bold "), "@": STYLES["warning"]}


class Whole(Modal[str]):
    """`around` gives the body with all lines of the files that it changes. Raises UnderstudyError where that is not."""

    def __init__(self, card: Card, around: Callable[[], str]) -> None:
        super().__init__(classes="-whole")
        self._card, self._around = card, around
        self._full = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._card.headline, 100)
            yield Tail("whole-text", self._style)

    def on_mount(self) -> None:
        self._show(self._card.body)
        self.query_one(Tail).focus()

    def _style(self, text: str) -> str:
        return _DIFF.get(text[:1], "") if self._card.language == "diff" else ""

    def _show(self, body: str) -> None:
        card = self._card
        wide = max((len(key) for key, _ in card.facts), default=0)
        facts = [f"{key:<{wide}}  {text}" for key, text in (("who", card.who), *card.facts)]
        shown = [] if body == card.what else body.split("\n")
        self.query_one(Tail).show("\n".join([card.what, "", *facts, *([""] if any(shown) else []), *shown]))
        key = shown_key(self._keys[0])
        diff = [(key, "what changes" if self._full else "all lines of the files")] if card.language == "diff" else []
        box = self.query_one("#box")
        box.border_subtitle = keys(*diff, ("pgdn", plural(len(shown), "line")), ("esc", "back, where you answer"))

    @property
    def _keys(self) -> tuple[str, ...]:
        return find("run", "whole").keys

    def on_key(self, event: events.Key) -> None:
        if event.key not in self._keys:
            return
        event.stop()
        if self._card.language != "diff":
            self.dismiss(None)
            return
        try:
            body = self._card.body if self._full else self._around()
        except UnderstudyError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="warning", markup=False)
            return
        self._full = not self._full
        self._show(body)
