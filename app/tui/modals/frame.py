"""What all modals share: a box in the middle, `esc` to leave without doing anything."""

from __future__ import annotations

from typing import TypeVar

from textual.content import Content
from textual.screen import ModalScreen

from app.tui.actions import bindings

T = TypeVar("T")


class Modal(ModalScreen[T | None]):
    """A question on top of a screen. Dismissed with None it has no consequence."""

    BINDINGS = bindings("modal")
    CSS_PATH = "modals.tcss"

    def action_dismiss(self, result: T | None = None) -> None:  # type: ignore[override]  # nothing is awaited here
        self.dismiss(None)

    def action_submit(self) -> None:
        """Nothing to submit, unless a modal says otherwise."""


def rule(text: str) -> Content:
    """A modal's title."""
    return Content.styled(f" {text} ", "bold")
