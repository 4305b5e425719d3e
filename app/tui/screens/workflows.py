"""All workflows: where each comes from, whether it is right, what it would do, what it is written as."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.drafts import place_of, save
from app.named_workflows import WorkflowFile
from app.present.workflow_page import SOURCES, problem_of, problems_of, runnable, short_path
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.copying import offer
from app.tui.messages import WorkflowsListed
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, keys
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.rows import Rows
from app.tui.widgets.status_line import Item, StatusLine
from app.tui.widgets.workflow_list import workflow_rows
from app.tui.widgets.workflow_preview import WorkflowPreview
from composer.search import Candidate
from workflows.errors import UnderstudyError


class WorkflowsScreen(Stage):
    """The list on one side, and one workflow in four tabs on the other."""

    WHERE: ClassVar[str] = "workflows"
    BINDINGS = bindings("workflows", checked=True)
    CSS_PATH = "workflows.tcss"
    AUTO_FOCUS = "#files"

    def __init__(self) -> None:
        super().__init__()
        self._trusted = True
        self._wanted = ""
        """The path of a file that was just made: the cursor goes there when it is listed."""

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield LineField(placeholder="words of a name, a description, a step", id="filter")
        with Vertical(id="list") as box:
            box.border_title = "workflows"
            yield Rows("files")
            yield Static(id="nothing", markup=False)
        yield WorkflowPreview("preview")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#files", Rows).focus()
        self._show()
        in_background(self, self.understudy.list_workflows, "workflows")

    # What is shown

    @property
    def preview(self) -> WorkflowPreview:
        return self.query_one(WorkflowPreview)

    @property
    def chosen(self) -> WorkflowFile | None:
        """The workflow that the cursor is on."""
        key = self.query_one("#files", Rows).key if self.is_mounted else ""
        return next((file for file in self.understudy.workflows if str(file.path) == key), None)

    async def look_again(self) -> None:
        self._show()
        if (file := self.chosen) is not None:
            await self._look(file)

    @on(WorkflowsListed)
    @on(Input.Changed, "#filter")
    def listed(self) -> None:
        self._show()

    def _show(self) -> None:
        app = self.understudy
        if not app.ready or not self.is_mounted:
            return
        self._trusted = app.desk.trusted()
        words = self.query_one("#filter", Input).value.lower().split()
        self._show_filter()
        found = [file for file in app.workflows if _has(file, words)]
        files = self.query_one("#files", Rows)
        folders = app.desk.services.workflow_folders()
        files.show(workflow_rows(found, folders, trusted=self._trusted, filtered=bool(words)))
        if self._wanted in {str(file.path) for file in found}:
            files.move_to(self._wanted)
            self._wanted = ""
        self.set_class(not found, "-nothing")
        self.query_one("#nothing", Static).update(
            Content.assemble("Nothing has these words. ", keys(("esc", "clears the filter")))
            if words
            else keys(("3", "writes one from a template"))
        )
        self._show_status(len(found))
        self._show_chosen()

    def _show_status(self, count: int) -> None:
        files = self.understudy.workflows
        broken = sum(problem_of(file) is not None for file in files)
        shown = f"{count} of {len(files)}" if count < len(files) else str(len(files))
        items = [Item("workflows", "bold"), Item(shown, QUIET)]
        if broken:
            items.append(Item(f"✗ {broken} with errors", STYLES["bad"], True))
        if not self._trusted:
            items.append(Item("! not trusted (t)", STYLES["warning"], True))
        self.query_one(StatusLine).show(items)

    def _show_chosen(self) -> None:
        """Bring the preview to where the cursor is."""
        file = self.chosen
        self.preview.show(file)
        self.refresh_bar()
        if file is not None:
            in_background(self, partial(self._look, file), "preview")

    async def _look(self, file: WorkflowFile) -> None:
        app = self.understudy
        try:
            await self.preview.look(app.desk, file, app.clock.now())
        except UnderstudyError as error:
            app.tell_error(error)

    # What happens

    @on(Rows.Highlighted, "#files")
    def highlighted(self) -> None:
        self._show_chosen()

    @on(Rows.Chosen, "#files")
    def opened(self) -> None:
        self.preview.focus_pane()

    @on(Rows.Chosen, "#graph-rows")
    def step_chosen(self, event: Rows.Chosen) -> None:
        """To the step's place in the file."""
        if (file := self.chosen) is not None:
            self.preview.show_step(file, event.key)

    @on(Rows.Chosen, "#last-runs")
    async def run_chosen(self, event: Rows.Chosen) -> None:
        await self.understudy.open_run(event.key)

    @on(RunAdvanced)
    def advanced(self) -> None:
        if self.is_current and (file := self.chosen) is not None:
            in_background(self, partial(self._look, file), "preview")

    def on_screen_resume(self) -> None:
        if self.understudy.ready:
            self._show()

    @on(Input.Submitted, "#filter")
    def filtered(self) -> None:
        self.query_one("#files", Rows).focus()

    def on_key(self, event: events.Key) -> None:
        field, files = self.query_one("#filter", Input), self.query_one("#files", Rows)
        if event.key == "down" and self.focused is field:
            files.focus()
        elif event.key == "escape" and self.has_class("-zoom"):
            self.do_zoom()
        elif event.key == "escape" and self.preview.has_focus_within:
            files.focus()
        elif event.key == "escape" and (self.focused is field or field.value):
            field.value = ""
            files.focus()
        else:
            return
        event.stop()

    def on_descendant_focus(self) -> None:
        self._show_filter()

    def _show_filter(self) -> None:
        field = self.query_one("#filter", Input)
        self.set_class(bool(field.value) or self.focused is field, "-filtering")

    # What a person does

    def facts(self) -> set[str]:
        if not self.is_mounted or not self.understudy.ready:
            return set()
        found = set() if self._trusted else {"untrusted"}
        if (file := self.chosen) is not None:
            found.add("file")
            found |= {"runnable"} if runnable(file) else set()
            found |= {"readable"} if file.workflow is not None else set()
            found |= {"own file"} if file.scope != "built-in" else set()
        return found

    async def do_run(self) -> None:
        if (file := self.chosen) is not None:
            await self.understudy.open_form(file.stem)

    def do_filter(self) -> None:
        self.add_class("-filtering")
        self.set_focus(self.query_one("#filter", Input))

    async def do_validate(self) -> None:
        """Read all again, and say of this one what is wrong with it."""
        await self.understudy.list_workflows()
        self._show()
        if (file := self.chosen) is not None:
            if problems_of(file):
                self.preview.show_problem(file)
            else:
                self.understudy.tell(f"{file.path.name}: nothing is wrong with it")

    async def do_compose_from(self) -> None:
        """A draft of it, on the screen for drafts."""
        file = self.chosen
        if file is not None and file.workflow is not None:
            await self.understudy.compose_from(Candidate(file.stem, file.workflow, file.text, file.scope))

    async def do_open_editor(self) -> None:
        if (file := self.chosen) is not None:
            await self.understudy.edit_file(file.path)
            await self.understudy.list_workflows()

    def do_duplicate(self) -> None:
        file = self.chosen
        if file is None:
            return
        desk, text = self.understudy.desk, file.text
        folder = short_path(desk.services.paths.workspace / "workflows")
        which = "The last good version" if file.newer else "What it says now"
        words = f"{which} is copied into {folder}. Nothing that is there is replaced."
        free = file.stem if file.scope != "workspace" else _free(file.stem, {each.stem for each in self._own()})

        def made(name: str) -> str:
            return str(save(desk, name.strip(), text))

        async def copied(result: Edited | None) -> None:
            if result is None:
                return
            self._wanted = str(result.value)
            self.query_one("#filter", Input).value = ""
            await self.understudy.list_workflows()
            trust = "" if desk.trusted() else " It belongs to the workspace now: trust that (t) before you run it."
            self.understudy.tell(f"Saved {short_path(place_of(desk, _stem(str(result.value))))}.{trust}")

        self.ask(Entry(f"duplicate {file.stem}", words, "a name", made, initial=free, hint="copy it"), copied)

    def do_copy(self) -> None:
        if (file := self.chosen) is not None:
            texts = {
                "i": ("name", file.stem),
                "r": ("command that runs it", f"understudy run {file.stem}"),
                "p": ("path", str(file.path)),
                "t": ("file's text", file.text),
            }
            offer(self, texts)

    async def do_pager(self) -> None:
        if (file := self.chosen) is not None:
            await self.understudy.page_text(file.path.name, file.text)

    def _own(self) -> list[WorkflowFile]:
        return [file for file in self.understudy.workflows if file.scope == "workspace"]

    def do_trust(self) -> None:
        self.understudy.ask_trust()

    def do_zoom(self) -> None:
        self.toggle_class("-zoom")
        if self.has_class("-zoom"):
            self.preview.focus_pane()
        else:
            self.query_one("#files", Rows).focus()

    def do_next_tab(self) -> None:
        self.preview.turn(1)

    def do_previous_tab(self) -> None:
        self.preview.turn(-1)


def _has(file: WorkflowFile, words: list[str]) -> bool:
    """Whether all of the words are in what it is called, what it is for, or what its steps are called."""
    workflow = file.workflow
    steps = [step.id for stage in workflow.stages for step in stage.steps] if workflow else []
    about = [workflow.name, workflow.description] if workflow else []
    text = " ".join([file.stem, SOURCES.get(file.scope, ""), *about, *steps]).lower()
    return all(word in text for word in words)


def _free(name: str, taken: set[str]) -> str:
    return next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
