"""The first screen: what needs you, what runs, what was run, and how to start something."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from agents.models.detect import Finding as ModelFinding
from agents.models.detect import detect
from app.drafts import candidates
from app.failures import explain
from app.present.grouping import going_on
from app.present.models import model_lines
from app.remarks import is_there
from app.tui.actions import bindings
from app.tui.background import NotOpen, in_background
from app.tui.bridge import RunAdvanced
from app.tui.messages import InboxChanged, ServicesFailed, ServicesOpened, WorkflowsListed
from app.tui.stage import Stage
from app.tui.text import KEY, QUIET, STYLES, block, keys, line
from app.tui.widgets.findings import Findings
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.overview import overview_rows, tally, workflow_row
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from composer.draft import Draft, draft
from composer.search import search
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Summary

RECENT = 30
"""Runs that are listed; History has all."""


class HomeScreen(Stage):
    """Lists are told what to show; nothing is read before the first frame."""

    WHERE: ClassVar[str] = "home"
    BINDINGS = bindings("home", checked=True)

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[Summary] = ()
        self._draft: Draft | None = None
        self._remarks: Mapping[str, str] = {}
        self._gone = False
        """Whether the folder that is worked in is not there any more."""
        self._trusted = True
        self._lent = False
        """Whether the workflows have the focus since there were no runs to have it."""

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static(id="banner", markup=False)
        with Vertical(id="runs") as runs:
            runs.border_title = "runs"
            yield Static(id="empty", markup=False)
            yield Rows("overview")
        with Vertical(id="start") as start:
            start.border_title = "start"
            yield LineField(placeholder="Say what you want, or choose below", id="goal")
            yield Static(id="found", markup=False)
            yield Rows("workflows")
        with Vertical(id="models") as models:
            models.border_title = "models"
            yield Findings("findings")
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_status("opening the journal …")
        self.query_one("#overview", Rows).focus()
        if self.understudy.ready:
            self.opened()

    # What happens

    @on(ServicesOpened)
    def opened(self) -> None:
        self.remove_class("-banner")
        in_background(self, self.look_again, "look")
        in_background(self, self._detect, "detect")

    @on(ServicesFailed)
    def failed(self, message: ServicesFailed) -> None:
        banner = self.query_one("#banner", Static)
        banner.update(block(f"✗ {explain(message.error)}\n  `understudy doctor` looks closer.", STYLES["bad"]))
        self.set_class(True, "-banner")
        self.query_one("#empty", Static).update(Content("\n").join(_what_this_is()))
        self._show_status("nothing can be run")

    @on(RunAdvanced)
    @on(InboxChanged)
    def changed(self) -> None:
        if self.is_current:
            in_background(self, self.look_again, "look")

    def on_screen_resume(self) -> None:
        if self.understudy.ready:
            in_background(self, self.look_again, "look")

    @on(WorkflowsListed)
    def listed(self) -> None:
        self._show_workflows()
        in_background(self, self.look_again, "look")

    async def look_again(self) -> None:
        app = self.understudy
        try:
            self._runs = await app.desk.runs(Query(limit=RECENT))
            self._remarks = await app.remarks.of(self._runs)
        except NotOpen:
            raise  # those of another workspace are being opened, and this is not what was asked for any more
        except UnderstudyError as error:
            self.failed(ServicesFailed(error))
            return
        self._trusted = app.desk.trusted()
        self._gone = not await asyncio.to_thread(is_there, app.paths.root)
        self._show_gone()
        self._show_runs()

    async def _detect(self) -> None:
        services = self.understudy.desk.services
        findings = await detect(services.environ)
        self._show_models(findings, services.settings.model)

    # What is shown

    def _show_runs(self) -> None:
        if not self.query("#overview"):
            return  # it was put away while the runs were read
        rows = overview_rows(self.understudy.waiting, self._runs, self.understudy.clock.now(), self._remarks)
        self.set_class(not rows, "-empty")
        self.query_one("#overview", Rows).show(rows)
        if not rows:
            self.query_one("#empty", Static).update(_nothing_yet(demo=self.understudy.prepare_demo is not None))
            workflows = self.query_one("#workflows", Rows)
            if self.focused in (None, self.query_one("#overview")) and workflows.key:
                workflows.focus()  # where there is something to choose
                self._lent = True
        elif self._lent:
            self._lent = False
            if self.focused is self.query_one("#workflows"):
                self.query_one("#overview", Rows).focus()
        self._show_status("")
        self.refresh_bar()

    def _show_gone(self) -> None:
        banner = self.query_one("#banner", Static)
        self.set_class(self._gone, "-banner")
        if self._gone:
            root = _short(self.understudy.paths.root)
            banner.update(
                block(
                    f"! {root} is gone: nothing can be read or run in it. Runs that were begun there stay in the "
                    "history.\n  Leave (q), and start again in a folder that is there.",
                    STYLES["warning"],
                )
            )

    def _show_status(self, note: str) -> None:
        app = self.understudy
        items = [Item("understudy", f"bold {KEY}"), Item(_short(app.paths.root), QUIET)]
        if app.waiting:
            items.append(
                Item(f"‖ {len(app.waiting)} need{'s' * (len(app.waiting) == 1)} you", STYLES["attention"], True)
            )
        for badge, count in tally(going_on(app.waiting, self._runs)):
            items.append(Item(f"{badge.glyph} {count} {badge.word}", STYLES[badge.role]))
        if app.in_demo:
            items.append(Item("the demo's workspace (w leaves it)", STYLES["warning"], True))
        if not self._trusted:
            items.append(Item("! not trusted (t)", STYLES["warning"], True))
        if note:
            items.append(Item(note, QUIET))
        for shown in self.query(StatusLine):  # none, where the program ends meanwhile
            shown.show(items)

    def _show_models(self, findings: Sequence[ModelFinding], chosen: str) -> None:
        state, *rest = model_lines(findings, chosen)
        self.query_one("#models").border_title = Content.assemble("models · ", line(state, 60))
        self.query_one(Findings).show(rest)

    def _show_workflows(self) -> None:
        shown = [(file, "") for file in self.understudy.workflows if not file.shadowed]
        found = self.query_one("#found", Static)
        found.display = self._draft is not None
        if (made := self._draft) is not None:
            by_name = {file.stem: file for file, _ in shown}
            matches = [*([made.match] if made.match else []), *made.closest]
            shown = [(by_name[match.candidate.name], "") for match in matches if match.candidate.name in by_name]
            found.update(line(_words_found(made, any_=bool(shown)), 80, QUIET))
        self.query_one("#workflows", Rows).show([Row(partial(workflow_row, *each), each[0].stem) for each in shown])

    # What a person does

    def opens(self) -> str:
        return "open"

    def facts(self) -> set[str]:
        found = set()
        if self.understudy.prepare_demo is not None and self.understudy.ready:
            found.add("demo")
        if not self._trusted:
            found.add("untrusted")
        if self.understudy.in_demo:
            found.add("in demo")
        return found

    def do_new(self) -> None:
        self.set_focus(self.query_one("#goal", Input))

    async def do_demo(self) -> None:
        await self.understudy.start_demo()

    def do_own(self) -> None:
        self.understudy.leave_demo()

    def do_trust(self) -> None:
        self.understudy.ask_trust()

    @on(Rows.Chosen, "#overview")
    async def open_row(self, event: Rows.Chosen) -> None:
        run, _, entry = event.key.partition(" ")
        step = next((waiting.step for waiting in self.understudy.waiting if waiting.entry == entry), "")
        await self.understudy.open_run(run, step)

    @on(Rows.Chosen, "#workflows")
    async def open_workflow(self, event: Rows.Chosen) -> None:
        made = self._draft
        filled = made.filled if made is not None and made.match and made.match.candidate.name == event.key else ()
        await self.understudy.open_form(
            event.key, {each.name: each.value for each in filled}, {each.name: each.why for each in filled}
        )

    @on(Input.Changed, "#goal")
    async def search(self, event: Input.Changed) -> None:
        self._draft = await self._find(event.value) if event.value.strip() else None
        self._show_workflows()

    @on(Input.Submitted, "#goal")
    def searched(self) -> None:
        rows = self.query_one("#workflows", Rows)
        if rows.key:
            rows.focus()

    async def _find(self, request: str) -> Draft:
        found = candidates(self.understudy.workflows)
        root = self.understudy.paths.root
        return await asyncio.to_thread(lambda: draft(request, search(request, found), root))

    def on_key(self, event: events.Key) -> None:
        goal, workflows = self.query_one("#goal", Input), self.query_one("#workflows", Rows)
        if event.key == "down" and self.focused is goal and workflows.key:
            event.stop()
            workflows.focus()
        elif event.key == "escape" and self.focused in (goal, workflows):
            event.stop()
            goal.value = ""
            self.query_one("#overview", Rows).focus()


def _what_this_is() -> list[Content]:
    return [
        Content.styled("Multi-agent workflows in your terminal.", "bold"),
        Content.styled("When an agent fails, its understudy steps in. You have the last word.", QUIET),
    ]


def _nothing_yet(*, demo: bool) -> Content:
    lines = [*_what_this_is(), Content(""), Content("No runs yet.")]
    if demo:
        lines.append(keys(("d", "runs the 60-second demo (no AI, no network)")))
    lines.append(keys(("n", "starts from a template")))
    return Content("\n").join(lines)


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}" if path != Path.home() else "~"
    except ValueError:
        return str(path)


def _words_found(made: Draft, *, any_: bool) -> str:
    """What the words of a person led to, and where that ends."""
    if made.match:
        return "fits your words (word search, not AI)"
    if any_:
        return "these come closest (word search, not AI); 3 writes one of them anew"
    return "nothing shares a word with that (word search, not AI); esc shows all"
