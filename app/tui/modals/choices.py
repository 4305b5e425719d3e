"""Some ways to go on, each with its key and what it leads to: to confirm, to quit, to trust, to step in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.present.figures import plural
from app.tui.actions import shown_key
from app.tui.modals.frame import Modal
from app.tui.text import KEY, QUIET, block, cell, keys, line
from app.tui.widgets.rows import Row, Rows
from workflows.records import dataclass
from workflows.text import one_line


@dataclass(frozen=True)
class Option:
    """One way. `why_not` says why it is not open now. A `deliberate` one needs its own key: enter does not take it."""

    name: str
    key: str
    label: str
    meaning: str = ""
    why_not: str = ""
    deliberate: bool = False


AROUND = 8
"""Rows of the box that are neither text nor options: its frame, and where an option is said whole."""

STAY = Option("", "escape", "go back", "nothing changes")


class Choices(Modal[str]):
    """Dismissed with the name of what was chosen. The cursor begins on the last option, which is the harmless one."""

    def __init__(self, title: str, text: str, options: Sequence[Option], stay: Option = STAY) -> None:
        """`stay` is the way back, by escape."""
        super().__init__()
        self._title, self._text = title, text
        self._widest = 0
        self._options = {option.key: option for option in (*options, stay)}

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = line(self._title, 100)
            if self._text:
                with VerticalScroll(id="scroll", can_focus=False):
                    yield Static(block(self._text), id="text", markup=False)
            yield Rows("options")
            yield Static(id="whole", classes="quiet", markup=False)

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        self._widest = widest = max(len(option.label) for option in self._options.values())
        self.query_one("#whole").display = False
        rows.show([Row(partial(_drawn, option, widest), option.key) for option in self._options.values()])
        rows.styles.height = len(self._options)
        rows.move_to(STAY.key)
        rows.focus()
        self.on_resize()

    def on_resize(self) -> None:
        """A long text is scrolled: what can be chosen is always in view."""
        for scroll in self.query("#scroll"):
            room = self.app.size.height * 9 // 10 - len(self._options) - AROUND
            scroll.styles.max_height = max(3, room)
            self.call_after_refresh(self._tell_more)

    def _tell_more(self) -> None:
        scroll = self.query_one("#scroll", VerticalScroll)
        more = plural(round(scroll.max_scroll_y - scroll.scroll_y), "more line")
        self.query_one("#box").border_subtitle = keys(("pgdn", more)) if scroll.max_scroll_y > scroll.scroll_y else ""

    def on_key(self, event: events.Key) -> None:
        page = {"pagedown": 1, "pageup": -1}.get(event.key, 0)
        for scroll in self.query("#scroll").results(VerticalScroll) if page else ():
            event.stop()
            event.prevent_default()
            scroll.scroll_relative(y=page * max(1, scroll.size.height - 1), animate=False)
            self.call_after_refresh(self._tell_more)
        if (option := self._options.get(event.key)) is not None and event.key != STAY.key:
            event.stop()
            self._take(option)

    @on(Rows.Highlighted)
    def highlighted(self, event: Rows.Highlighted) -> None:
        """What has no room in the row of the option that the cursor is on is said below."""
        option, whole = self._options[event.key], self.query_one("#whole", Static)
        text = one_line(option.why_not or option.meaning, 400)
        whole.display = cell_len(text) > _room(event.rows.scrollable_content_region.width, self._widest)
        whole.update(line(text))

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        option = self._options[event.key]
        if not option.deliberate:
            self._take(option)

    def _take(self, option: Option) -> None:
        if option.why_not:
            self.app.bell()
        else:
            self.dismiss(option.name or None)


def _drawn(option: Option, widest: int, width: int) -> Content:
    dim = " dim" if option.why_not else ""
    text = option.why_not or option.meaning
    return Content.assemble(
        " ",
        cell(shown_key(option.key), 6, (QUIET if dim else KEY) + dim),
        cell(option.label, widest + 2, "bold" if not dim else f"{QUIET} dim"),
        cell(text, _room(width, widest), QUIET + dim),
    )


def _room(width: int, widest: int) -> int:
    return max(0, width - widest - 9)
