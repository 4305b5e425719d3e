"""All runs of this machine: filtered, read a page at a time, with a look at what each did."""

from __future__ import annotations

import json
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.failures import explain
from app.present.deletion import deletion
from app.present.figures import plural
from app.present.query import read_filter
from app.present.run import headline, run_document
from app.tui.actions import Action, bindings, find
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.copying import offer
from app.tui.modals.choices import Choices, Option
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, block, keys, line
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.overview import AGAIN, run_row
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
        self._remarks: dict[str, str] = {}
        self._more = True
        self._marked = ""

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield LineField(placeholder="status:failed  wf:release  since:7d  cost>0.1  words", id="filter")
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
        problem = self.query_one("#problem", Static)
        problem.update(Content("\n").join(line(str(each), 200, STYLES["warning"]) for each in found.problems))
        self.set_class(bool(found.problems), "-problem")
        try:
            page = await app.desk.runs(found.query)
            remarks = await app.remarks.of(page)
        except UnderstudyError as error:
            self._show_unreadable(error)
            return
        known = set() if afresh else {run.run_id for run in self._runs}
        self._runs = [*([] if afresh else self._runs), *(run for run in page if run.run_id not in known)]
        self._remarks = {**({} if afresh else self._remarks), **remarks}
        self._more = len(page) == limit
        self._show()
        if (run := self.query_one("#table", Rows).key) and (afresh or not offset):
            in_background(self, partial(self._preview, run), "preview")

    def _show_unreadable(self, error: UnderstudyError) -> None:
        self._runs, self._more = [], False
        self.query_one("#table", Rows).show(())
        nothing = self.query_one("#nothing", Static)
        nothing.display = True
        nothing.update(block(f"✗ {explain(error)}\n  `understudy doctor` looks closer.", STYLES["bad"]))
        self.query_one(StatusLine).show([Item("history", "bold"), Item("nothing can be read", QUIET)])
        self.refresh_bar()

    def _show(self) -> None:
        now = self.understudy.clock.now()
        marks = {self._marked: "a"}
        self.query_one("#table", Rows).show(
            [
                Row(partial(_drawn, run, now, marks.get(run.run_id, ""), self._remarks.get(run.run_id, "")), run.run_id)
                for run in self._runs
            ]
        )
        nothing = self.query_one("#nothing", Static)
        nothing.display = not self._runs
        filtered = bool(self.query_one("#filter", Input).value)
        nothing.update(
            Content.assemble("Nothing matches. ", keys(("esc", "clears the filter")))
            if filtered
            else Content.assemble("No runs yet. ", keys(("1", "home: one is begun there")))
        )
        count = f"{len(self._runs)} or more runs" if self._more else plural(len(self._runs), "run")
        items = [Item("history", "bold"), Item(count, QUIET)]
        if self._marked:
            items.append(Item(f"a {self._marked}: c on another run compares them", STYLES["attention"], kept=True))
        self.query_one(StatusLine).show(items)
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
        if state.forked_from:
            begun = f", from {state.fork_at}" if state.fork_at else ""
            parts.append(line(f"{AGAIN} again of run {state.forked_from}{begun}", 400, QUIET))
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
        elif event.key == "escape" and self._marked:
            event.stop()
            self._mark("")
        elif event.key == "down" and self.focused is field:
            event.stop()
            table.focus()

    # Actions

    @property
    def _here(self) -> Summary | None:
        """The run under the cursor."""
        key = self.query_one("#table", Rows).key
        return next((run for run in self._runs if run.run_id == key), None)

    def _run_here(self) -> Summary:
        run = self._here
        assert run is not None  # the table of actions asks for one
        return run

    def opens(self) -> str:
        return "open"

    def facts(self) -> set[str]:
        if not self.is_mounted or (run := self._here) is None:
            return set()
        return {"run", *(() if run.owner else ("deletable",)), *(("failed",) if run.status == "failed" else ())}

    def label(self, action: Action) -> str:
        if action.name == "compare" and self._marked:
            here = self._here
            return "unmark" if here is not None and here.run_id == self._marked else "compare with a"
        return super().label(action)

    def do_filter(self) -> None:
        self.set_focus(self.query_one("#filter", Input))

    async def do_again(self) -> None:
        await self._again(at_inputs=False)

    async def do_edits(self) -> None:
        await self._again(at_inputs=True)

    async def _again(self, *, at_inputs: bool) -> None:
        """The form of the run's workflow as it is now, filled with what the run was given."""
        run = self._run_here()
        desk = self.understudy.desk
        state = await desk.state(run.run_id)
        try:
            desk.load(state.workflow)
        except UnderstudyError as error:
            hint = f"Open run {run.run_id} and press {find('run', 'rerun').key}: that takes the text it began with."
            raise UnderstudyError(error.message, hint) from error
        given = {name: value for name, value in (state.parameters or {}).items() if value is not None}
        why = dict.fromkeys(given, f"as in run {run.run_id}")
        await self.understudy.open_form(state.workflow, given, why, at_inputs=at_inputs)

    async def do_compare(self) -> None:
        """Mark the run under the cursor; where another one is marked, compare that with it."""
        from app.tui.screens.compare import CompareScreen

        run = self._run_here()
        if self._marked in ("", run.run_id):
            self._mark("" if self._marked else run.run_id)
            return
        first, self._marked = self._marked, ""
        await self.understudy.push_screen(CompareScreen(first, run.run_id))
        self._show()

    def _mark(self, run: str) -> None:
        self._marked = run
        self._show()

    async def do_copy(self) -> None:
        """The menu of what of the run under the cursor is of use elsewhere."""
        run = self._run_here().run_id
        state = await self.understudy.desk.state(run)
        texts = {
            "i": ("run id", run),
            "s": ("command that shows it", f"understudy show {run}"),
            "a": ("command that runs it again", f"understudy rerun {run}"),
            "j": ("run as JSON", json.dumps(run_document(state), indent=2, ensure_ascii=False)),
        }

        offer(self, texts)

    async def do_fix(self) -> None:
        await self.understudy.fix_run(self._run_here().run_id)

    async def do_delete(self) -> None:
        run = self._run_here()

        async def confirmed(name: str | None) -> None:
            if name is not None:
                await self.understudy.desk.delete(run.run_id)
                self._marked = "" if self._marked == run.run_id else self._marked
                self.understudy.tell(f"Forgot run {run.run_id}.")
                await self.look_again()

        option = Option("delete", "d", "forget it", "this cannot be taken back", deliberate=True)
        text = "\n".join(deletion(run, self.understudy.clock.now()))
        self.ask(Choices(f"forget run {run.run_id}?", text, [option]), confirmed)


def _drawn(run: Summary, now: float, mark: str, remark: str, width: int) -> Content:
    return run_row(run, now, width, mark, remark)
