"""The last row: the keys that matter here, as many as fit. They can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from app.tui.actions import shown_key
from app.tui.text import KEY, QUIET
from workflows.records import dataclass


@dataclass(frozen=True)
class Hint:
    """A key (Textual's name) and what it does. `shown` stands for it where it is one of several; `kept` ones stay."""

    key: str
    label: str
    kept: bool = False
    shown: str = ""

    @property
    def face(self) -> str:
        """What stands on the key."""
        return self.shown or shown_key(self.key)

    @property
    def width(self) -> int:
        return cell_len(self.face) + 1 + cell_len(self.label)


GAP = 3

SMALL = "works best at 80x24"
"""What stands above the keys where there is less room than screens need."""


def fit(hints: Sequence[Hint], width: int) -> list[Hint]:
    """As many as fit, the first ones first, but those that are kept as long as there is anything else to drop."""
    left = list(hints)
    while left and sum(hint.width for hint in left) + GAP * (len(left) - 1) > width:
        loose = [place for place, hint in enumerate(left) if not hint.kept]
        del left[loose[-1] if loose else -1]
    return left


class KeyBar(Widget):
    """Draws hints, and presses the key of one that is clicked."""

    DEFAULT_CSS = """
    .-tiny KeyBar, .-short KeyBar { height: 2; }
    KeyBar {
        height: 1;
        dock: bottom;
        padding: 0 1;
        background: $panel;
        color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._hints: tuple[Hint, ...] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        if (given := tuple(hints)) != self._hints:
            self._hints = given
            self.refresh()

    def _shown(self) -> list[Hint]:
        return fit(self._hints, self.content_size.width)

    def render(self) -> Content:
        small = self.content_size.height > 1
        parts: list[tuple[str, str]] = [(f"{SMALL}\n", QUIET)] if small else []
        for place, hint in enumerate(self._shown()):
            parts.append((" " * GAP if place else "", ""))
            parts += [(hint.face, KEY), (f" {hint.label}", "")]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        if event.y < self.content_size.height - 1:
            return
        at = event.x - self.styles.gutter.left
        for hint in self._shown():
            if 0 <= at < hint.width:
                self.app.simulate_key(hint.key)
                return
            at -= hint.width + GAP
