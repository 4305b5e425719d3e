"""What all modals share: a box in the middle, `esc` to leave without doing anything."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from app.tui.actions import bindings

T = TypeVar("T")


class Modal(ModalScreen[T | None]):
    """A question on top of a screen. Dismissed with None it has no consequence."""

    BINDINGS = bindings("modal")
    CSS_PATH = "modals.tcss"

    _left = False

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """A box is left once: keys that were typed before it was gone are for nobody, and for no screen below."""
        if self._left:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)

    def action_dismiss(self, result: T | None = None) -> None:  # type: ignore[override]  # nothing is awaited here
        self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """What was typed before the box had its field is for that: none of it came to the field itself."""
        field = self.focused if isinstance(self.focused, Input) else next(iter(self.query(Input).results(Input)), None)
        if field is not None and event.is_printable and event.character:
            event.stop()
            field.insert_text_at_cursor(event.character)

    def action_turn(self) -> None:
        """No tabs, unless a modal has some."""

    def action_also(self) -> None:
        """Nothing else to do with what is entered, unless a modal says otherwise."""

    def action_submit(self) -> None:
        """Nothing to submit, unless a modal says otherwise."""


def rule(text: str) -> Content:
    """A modal's title."""
    return Content.styled(f" {text} ", "bold")
