"""A step of a run, found by words: of its address, its title, its state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.present.figures import plural
from app.present.status import Badge
from app.tui.modals.frame import Modal
from app.tui.text import QUIET, badge, cell, keys, line
from app.tui.widgets.line_field import LineField
from app.tui.widgets.rows import Row, Rows
from workflows.records import dataclass

TALLEST = 12
"""Rows of steps that are shown at once."""


@dataclass(frozen=True)
class Findable:
    """A step: where it is, what it is called, how it stands."""

    address: str
    title: str
    state: Badge

    @property
    def words(self) -> str:
        return f"{self.address} {self.title} {self.state.word}".casefold()


class FindStep(Modal[str]):
    """Dismissed with the address of the step. Every word that is typed must be found in it."""

    def __init__(self, steps: Sequence[Findable]) -> None:
        super().__init__()
        self._steps = tuple(steps)

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line("find a step", 40)
            yield LineField(placeholder="words of its name or its state: review failed")
            yield Rows("found")
            yield Static(id="hints", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#found", Rows).styles.height = TALLEST
        self.set_focus(self.query_one(Input))
        self._show("")

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def _show(self, text: str) -> None:
        words = text.casefold().split()
        found = [step for step in self._steps if all(word in step.words for word in words)]
        self.query_one("#found", Rows).show([Row(partial(_drawn, step), step.address) for step in found])
        count = f"{plural(len(found), 'step')} of {len(self._steps)}"
        hints = keys(("enter", "go to it"), ("↑ ↓", "choose"), ("esc", "go back"))
        self.query_one("#hints", Static).update(Content.assemble((count, QUIET), " · ", hints))

    def on_key(self, event: events.Key) -> None:
        rows = self.query_one("#found", Rows)
        if event.key in ("down", "up"):
            (rows.action_cursor_down if event.key == "down" else rows.action_cursor_up)()
        else:
            return
        event.stop()

    @on(Input.Submitted)
    def submitted(self) -> None:
        if key := self.query_one("#found", Rows).key:
            self.dismiss(key)
        else:
            self.app.bell()

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        self.dismiss(event.key)


def _drawn(step: Findable, width: int) -> Content:
    title = "" if step.title == step.address else step.title
    room = max(8, width - 17)
    name = min(room, max(20, room // 2)) if title else room
    return Content.assemble(
        " ", badge(step.state, 15), cell(step.address, name), " ", cell(title, room - name - 1, QUIET) if title else ""
    )
