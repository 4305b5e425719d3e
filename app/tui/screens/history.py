"""All runs of this machine: filtered, read a page at a time, with a look at what each did."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.present.figures import plural
from app.present.query import read_filter
from app.present.run import headline
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, block, keys, line
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.overview import run_row
from app.tui.widgets.rail import rail_rows, whole_shape
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError
from workflows.journal.port import Summary

PAGE = 100
"""Runs that are read at a time."""


class HistoryScreen(Stage):
    """A table of runs. `enter` opens one; one that is over is only to be read."""

    WHERE: ClassVar[str] = "history"
    BINDINGS = bindings("history", checked=True)
    CSS_PATH = "history.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[Summary] = []
        self._more = True

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Input(placeholder="status:failed  wf:release  since:7d  words", id="filter")
        yield Static(id="problem", markup=False)
        with Vertical(id="list") as box:
            box.border_title = "runs"
            yield Static(id="nothing", markup=False)
            yield Rows("table")
        with Vertical(id="preview") as preview:
            preview.border_title = "preview"
            yield Static(id="story", markup=False)
            yield Rows("steps")
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#steps", Rows).can_focus = False
        self.query_one("#table", Rows).focus()
        await self.look_again()

    async def look_again(self) -> None:
        await self._read(afresh=True)

    async def _read(self, *, afresh: bool) -> None:
        """Read the first page, or the next one."""
        app = self.understudy
        offset = 0 if afresh else len(self._runs)
        limit = max(PAGE, len(self._runs)) if afresh else PAGE
        text = self.query_one("#filter", Input).value
        found = read_filter(text, app.clock.now(), limit=limit, offset=offset)
        self.query_one("#problem", Static).update(line(found.problem, 200, STYLES["warning"]))
        self.query_one("#problem", Static).display = bool(found.problem)
        try:
            page = await app.desk.runs(found.query)
        except UnderstudyError as error:
            app.tell_error(error)
            return
        known = set() if afresh else {run.run_id for run in self._runs}
        self._runs = [*([] if afresh else self._runs), *(run for run in page if run.run_id not in known)]
        self._more = len(page) == limit
        self._show()
        if (run := self.query_one("#table", Rows).key) and (afresh or not offset):
            in_background(self, partial(self._preview, run), "preview")

    def _show(self) -> None:
        now = self.understudy.clock.now()
        self.query_one("#table", Rows).show([Row(partial(run_row, run, now), run.run_id) for run in self._runs])
        nothing = self.query_one("#nothing", Static)
        nothing.display = not self._runs
        filtered = bool(self.query_one("#filter", Input).value)
        nothing.update(
            Content.assemble("Nothing matches. ", keys(("esc", "clears the filter")))
            if filtered
            else Content("No runs yet.")
        )
        count = f"{len(self._runs)} or more runs" if self._more else plural(len(self._runs), "run")
        self.query_one(StatusLine).show([Item("history", "bold"), Item(count, QUIET)])
        self.refresh_bar()

    # What happens

    @on(RunAdvanced)
    def advanced(self) -> None:
        in_background(self, self.look_again, "look")

    @on(Rows.Highlighted, "#table")
    def highlighted(self, event: Rows.Highlighted) -> None:
        in_background(self, partial(self._preview, event.key), "preview")
        place = next((at for at, run in enumerate(self._runs) if run.run_id == event.key), 0)
        if self._more and place >= len(self._runs) - 10:
            in_background(self, partial(self._read, afresh=False), "page")
        self.refresh_bar()

    async def _preview(self, run: str) -> None:
        try:
            state = await self.understudy.desk.state(run)
        except UnderstudyError as error:
            self.query_one("#story", Static).update(block(error.message, STYLES["bad"]))
            self.query_one("#steps", Rows).show(())
            return
        now = self.understudy.clock.now()
        status = next((summary.status for summary in self._runs if summary.run_id == run), "")
        parts = [line(headline(state, now), 400, "bold")]
        if state.failure is not None:
            parts.append(line(f"✗ {state.failure.message}", 400, STYLES["bad"]))
        self.query_one("#story", Static).update(Content("\n").join([*parts, Content("")]))
        self.query_one("#steps", Rows).show(rail_rows(whole_shape(state, state.ended or state.updated, status)))

    @on(Rows.Chosen, "#table")
    async def chosen(self, event: Rows.Chosen) -> None:
        await self.understudy.open_run(event.key)

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        self._runs = []
        in_background(self, self.look_again, "look")

    @on(Input.Submitted, "#filter")
    def filtered(self) -> None:
        self.query_one("#table", Rows).focus()

    def on_key(self, event: events.Key) -> None:
        field, table = self.query_one("#filter", Input), self.query_one("#table", Rows)
        if event.key == "escape" and (self.focused is field or field.value):
            event.stop()
            field.value = ""
            table.focus()
        elif event.key == "down" and self.focused is field:
            event.stop()
            table.focus()

    # Actions

    def facts(self) -> set[str]:
        return {"run"} if self._runs else set()

    def do_filter(self) -> None:
        self.query_one("#filter", Input).focus()

    async def do_again(self) -> None:
        """The form of the run's workflow as it is now, filled with what the run was given."""
        run = self.query_one("#table", Rows).key
        if run:
            state = await self.understudy.desk.state(run)
            given = {name: value for name, value in (state.parameters or {}).items() if value is not None}
            await self.understudy.open_form(state.workflow, given, dict.fromkeys(given, f"as in run {run}"))
