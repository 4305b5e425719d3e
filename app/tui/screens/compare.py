"""Two runs compared: where they part, and what each has there. What `understudy diff` tells, to be walked through."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from app.failures import explain
from app.present.compared import Section, comparison_head, comparison_sections
from app.present.comparison import Comparison, compare
from app.present.figures import plural
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, block, cell, line
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.page import Page
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError
from workflows.text import safe_text

MOST = 2_000
"""Lines of one place that are laid out; of more the first ones, and it is said."""

ROLES = {**{str(role): style for role, style in STYLES.items()}, "strong": "bold", "": ""}


class CompareScreen(Stage):
    """A list of the places where the runs part, in the order in which a run comes to them, and the one on view."""

    WHERE: ClassVar[str] = "compare"
    BINDINGS = bindings("compare", checked=True)
    CSS_PATH = "compare.tcss"

    def __init__(self, first: str, second: str) -> None:
        super().__init__()
        self.runs = first, second
        self._sections: tuple[Section, ...] = ()

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static(id="head", markup=False)
        with Vertical(id="places") as places:
            places.border_title = "they part at"
            yield Rows("sections")
        with Vertical(id="place") as place:
            place.border_title = "a → b"
            yield Page("lines")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#sections", Rows).focus()
        in_background(self, self.look_again, "look")

    async def look_again(self) -> None:
        desk = self.understudy.desk
        try:
            found = compare(await desk.state(self.runs[0]), await desk.state(self.runs[1]))
        except UnderstudyError as error:
            self.set_class(True, "-same")
            self.query_one("#head", Static).update(block(f"✗ {explain(error)}", STYLES["bad"]))
            self._show_status("they cannot be compared")
            return
        self._show(found)

    def _show(self, found: Comparison) -> None:
        head = Content("\n").join(line(text, 300, ROLES[role]) for text, role in comparison_head(found))
        self.query_one("#head", Static).update(head)
        self._sections = tuple(comparison_sections(found, full=True))
        self.set_class(found.same, "-same")
        rows = [Row(partial(_row, section), str(place)) for place, section in enumerate(self._sections)]
        self.query_one("#sections", Rows).show(rows)
        self._show_place(0)
        same = found.compared - len(found.steps)
        self._show_status(f"{plural(len(found.steps), 'step')} not the same, {same} the same")
        self.refresh_bar()

    def _show_status(self, words: str) -> None:
        a, b = self.runs
        items = [Item("compare", "bold"), Item(f"a {a}", QUIET), Item(f"b {b}", QUIET), Item(words, bar=True)]
        self.query_one(StatusLine).show(items)

    def _show_place(self, place: int) -> None:
        if place < len(self._sections):
            section = self._sections[place]
            self.query_one(Page).show(_page(section))

    @on(Rows.Highlighted, "#sections")
    def highlighted(self, event: Rows.Highlighted) -> None:
        self._show_place(int(event.key))

    @on(Rows.Chosen, "#sections")
    def chosen(self) -> None:
        self.query_one(Page).focus()

    async def do_first(self) -> None:
        await self.understudy.open_run(self.runs[0])

    async def do_second(self) -> None:
        await self.understudy.open_run(self.runs[1])

    async def do_swap(self) -> None:
        self.runs = self.runs[1], self.runs[0]
        await self.look_again()


def _row(section: Section, width: int) -> Content:
    count = plural(len(section.lines), "line") if section.lines else ""
    return Content.assemble(" ", cell(section.title, width - 13), cell(count, 11, QUIET, right=True), " ")


def _page(section: Section) -> Content:
    lines = [line(section.title, 200, "bold")]
    lines += [Content.styled(safe_text(text, limit=4_000), ROLES[role]) for text, role in section.lines[:MOST]]
    if len(section.lines) > MOST:
        lines.append(line(f"… showing the first {MOST:,} of {len(section.lines):,} lines", style=QUIET))
    return Content("\n").join(lines)
