"""A workflow from words: the nearest one is found, a draft is made of it, looked at, changed and saved."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from app.drafting import open_ends
from app.drafts import candidates, here_of, read_draft
from app.named_workflows import WorkflowFile
from app.present.workflow_page import SOURCES
from app.tui.actions import Action, bindings, find
from app.tui.background import in_background
from app.tui.messages import WorkflowsListed
from app.tui.saving import ask_and_save
from app.tui.screens.turning import Turning
from app.tui.text import QUIET, STYLES, cell, line
from app.tui.widgets.draft_view import DraftView
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from composer.draft import draft_from
from composer.search import Candidate, Match, search
from composer.versions import Version
from workflows.text import safe_text

MOST = 20
"""Workflows that are listed for a request."""

WIDE = 120
"""Columns from which on the request has a side of its own, and its words stand below each other."""


class ComposeScreen(Turning):
    """The request and what comes nearest to it on one side, the draft on the other."""

    WHERE: ClassVar[str] = "compose"
    BINDINGS = bindings("compose", checked=True)
    CSS_PATH = "compose.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._matches: list[Match] = []
        self._file: WorkflowFile | None = None
        self._first: Candidate | None = None
        """What is to be drafted from as soon as the screen is there."""
        self._failed = ""
        """The run whose workflow is to be mended then."""
        self._there = False
        """Whether the draft that was kept is at hand: what is begun before that would be lost."""

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with Vertical(id="ask") as ask:
            ask.border_title, ask.border_subtitle = "what do you want?", "search, not AI"
            yield LineField(placeholder="Say it in your words", id="request")
            yield Static(id="how", markup=False)
            yield Rows("matches")
        yield DraftView("draft")
        yield KeyBar()

    async def on_mount(self) -> None:
        await self.recall()
        self.query_one("#request", Input).value = self.versions.request
        if self.versions.now is None:
            self.query_one("#request").focus()
        if not self.understudy.workflows:
            in_background(self, self.understudy.list_workflows, "workflows")
        await self.look_again()
        if self.versions.now is not None:
            self.view.focus_pane()  # of the plan: what it would do comes before how it is written
        self._there = True
        if (first := self._first) is not None:
            await self.begin_from(first)
        if self._failed:
            self.fix(self._failed)

    async def begin_from(self, candidate: Candidate) -> None:
        """Draft from a workflow that was chosen elsewhere."""
        self._first = None if self._there else candidate
        if self._there:
            await self.draft_of(candidate)
            self.view.focus_pane()

    def fix(self, run: str) -> None:
        """Propose a change of the workflow whose run failed."""
        self._failed = "" if self._there else run
        if self._there:
            self.propose(run)

    async def look_again(self) -> None:
        await self._search()
        await self.show_draft()

    # What fits

    @on(Input.Changed, "#request")
    @on(WorkflowsListed)
    def asked(self) -> None:
        in_background(self, self._search, "search")

    async def _search(self) -> None:
        request = self.versions.request = self.query_one("#request", Input).value
        found = candidates(self.understudy.workflows)
        self._matches = await asyncio.to_thread(partial(search, request, found, limit=MOST)) if request.strip() else []
        fits = bool(self._matches)
        if not fits:
            templates = sorted(found, key=lambda each: each.workflow.template is None)
            self._matches = [Match(each, 0.0) for each in templates]
        self.query_one("#how", Static).update(self._how(bool(request.strip()), fits))
        self.query_one("#matches", Rows).show(
            [Row(partial(_match, each), each.candidate.name) for each in self._matches]
        )
        self._show_status()

    def _how(self, asked: bool, fits: bool) -> Content:
        """What finds them, in honest words."""
        model = self.understudy.desk.services.settings.model if self.understudy.ready else ""
        write = find(self.WHERE, "write").key
        first = f"{write} lets {model} write it." if model else "No model: drafted by word search, no AI."
        if asked and fits:
            second = "Templates matching your words:"
        elif asked:
            second = "None shares a word with that. All:"
        else:
            second = "Templates to begin with:"
        between = "\n" if self.size.width >= WIDE else " "
        return Content.assemble(line(first, 80, STYLES["warning"]), between, line(second, 100, QUIET))

    def _show_status(self) -> None:
        now = self.versions.now
        items = [Item("compose", "bold")]
        if now is None:
            items.append(Item("no draft yet", QUIET))
        else:
            items += [Item(now.name), Item(f"draft {self.versions.count}", QUIET)]
            if self._file is not None and self._file.errors:
                items.append(Item(f"✗ {len(self._file.errors)}", STYLES["bad"], True))
            if not self.versions.is_saved:
                items.append(Item("not saved", STYLES["warning"], True))
        items.append(Item("nothing runs here", QUIET))
        self.query_one(StatusLine).show(items)
        self.refresh_bar()

    # The draft

    async def draft_of(self, candidate: Candidate) -> None:
        """Draft from a workflow, with what the request says of its inputs."""
        app, request = self.understudy, self.versions.request
        best = next((each for each in self._matches if each.candidate == candidate), Match(candidate, 0.0))
        found = await asyncio.to_thread(draft_from, request, best, app.paths.root, (), here_of(app.desk))
        source = SOURCES.get(candidate.scope, candidate.scope)
        kind = "template" if candidate.workflow.template else "workflow"
        words = f", for the words {', '.join(best.words)} (search, not AI)" if best.words else ""
        based_on = f"the {kind} {candidate.name}"
        made = f"From {based_on} ({source}){words}."
        held = (f"as you said: {demand.means}" for demand in found.demands if demand.held)
        notes = (*found.notes, *open_ends(found), *held)
        filled, missing = found.filled, found.missing
        await self.take(
            Version(found.text, candidate.name, made, candidate.text, based_on, filled, missing, notes=notes)
        )

    async def take(self, version: Version) -> None:
        """A new version of the draft, where it is another."""
        if not self.versions.add(version):
            self.understudy.tell("The draft is that already.")
            return
        await self.keep()
        await self.show_draft()

    async def show_draft(self) -> None:
        if self.writing:
            return  # what is being written is shown
        now, desk = self.versions.now, self.understudy.desk
        self._file = await asyncio.to_thread(read_draft, desk, now.name, now.text) if now else None
        if now is None:
            self.view.open("plan")  # which says how to get one
        self.view.show(self.versions, self._file)
        self.set_class(now is not None, "-drafted")
        self._show_status()
        if now is not None and self._file is not None:
            await self.view.look(desk, now, self._file)

    @on(TextArea.Changed, "#edited")
    def edited(self) -> None:
        if self.view.text.editing:
            in_background(self, self._judge, "judge")

    async def _judge(self) -> None:
        now, text = self.versions.now, self.view.text
        if now is not None:
            file = await asyncio.to_thread(read_draft, self.understudy.desk, now.name, text.editor.text)
            if text.editing:
                text.judge(file.diagnostics)

    # What happens

    @on(Input.Submitted, "#request")
    async def said(self) -> None:
        """What fits the words, or can be put together for them; no model is asked."""
        request = self.versions.request.strip()
        if not request or not self.understudy.ready:
            await self._draft_chosen()
            return
        if await self.draft_words(request):
            self.view.open("plan")
            self.view.focus_pane()

    @on(Rows.Chosen, "#matches")
    async def chosen(self) -> None:
        await self._draft_chosen()

    async def _draft_chosen(self) -> None:
        key = self.query_one("#matches", Rows).key
        found = next((each.candidate for each in self._matches if each.candidate.name == key), None)
        if found is not None:
            await self.draft_of(found)
            self.view.focus_pane()

    async def on_key(self, event: events.Key) -> None:
        field, matches = self.query_one("#request", Input), self.query_one("#matches", Rows)
        if event.key == "down" and self.focused is field and matches.key:
            matches.focus()
        elif event.key == "escape" and self.writing:
            await self.stop_writing()
        elif event.key == "escape" and self.view.text.editing:
            await self._stop_editing()
        elif event.key == "escape" and self.has_class("-zoom"):
            self.do_zoom()
        elif event.key == "escape" and self.focused is field and field.value:
            field.value = ""
        elif event.key == "escape" and self.view.has_focus_within:
            matches.focus()
        else:
            return
        event.stop()

    # What a person does

    def label(self, action: Action) -> str:
        words = {"draft": "take this text", "back": "take it too"} if self._editing else {}
        return words.get(action.name) or super().label(action)

    @property
    def _editing(self) -> bool:
        return self.is_mounted and self.view.text.editing

    def facts(self) -> set[str]:
        found = {"found"} if self.is_mounted and self.query_one("#matches", Rows).key else set()
        if self._editing:
            return {"editing"}
        if self.writing:
            return found | {"writing"}
        if self.versions.request.strip() and self.understudy.ready and self.composer.model:
            found.add("model")
        if self.versions.now is not None:
            found.add("draft")
            found |= {"right"} if self._file is not None and not self._file.errors else set()
        return found

    async def do_draft(self) -> None:
        if self._editing:
            await self._stop_editing()
        else:
            await self._draft_chosen()

    def do_words(self) -> None:
        self.remove_class("-zoom")
        self.set_focus(self.query_one("#request", Input))

    def do_edit(self) -> None:
        if self._file is not None:
            if safe_text(self._file.text, max_line=None) != self._file.text:
                self.understudy.tell("It has characters that no screen shows. E edits it elsewhere.", "warning")
                return
            self.view.edit(self._file)
            self.refresh_bar()

    def do_next_problem(self) -> None:
        self.view.text.go_to_problem()

    async def _stop_editing(self) -> None:
        text = self.view.text.stop()
        self.view.show(self.versions, self._file)
        await self._take_edited(text, "Edited here.")

    async def _take_edited(self, text: str, made: str) -> None:
        now = self.versions.now
        if now is not None and text != now.text:
            await self.take(Version(text, now.name, made, now.base, now.based_on, by_hand=True))
        self.refresh_bar()

    async def do_open_editor(self) -> None:
        now = self.versions.now
        if now is not None:
            text = await self.understudy.edit_text(f"{now.name}.yaml", now.text)
            await self._take_edited(text, "Edited in your own editor.")

    def do_save(self) -> None:
        self._save(self._saved)

    async def do_save_and_run(self) -> None:
        if self.versions.is_saved:
            await self._run(self.versions.saved[1])
        else:
            self._save(self._saved_to_run)

    def _save(self, then: object) -> None:
        now = self.versions.now
        if now is not None and self._file is not None:
            ask_and_save(self, self._file, now.name, then)  # type: ignore[arg-type]  # one of the two below

    async def _saved(self, name: str) -> None:
        app, now = self.understudy, self.versions.now
        assert now is not None
        self.versions.saved = (now.text, name)
        await self.keep()
        self.view.show(self.versions, self._file)
        self._show_status()
        await app.list_workflows()
        app.tell(f"Saved as .understudy/workflows/{name}.yaml")

    async def _saved_to_run(self, name: str) -> None:
        await self._saved(name)
        await self._run(name)

    async def _run(self, name: str) -> None:
        """To its form; what was just saved may be the first that the workspace has, and nobody trusted that yet."""
        form = partial(self.understudy.open_form, name)
        if self.understudy.desk.trusted():
            await form()
        else:
            self.understudy.ask_trust(form)

    async def do_undo(self) -> None:
        self.versions.undo()
        await self.keep()
        await self.show_draft()

    def do_zoom(self) -> None:
        self.toggle_class("-zoom")
        if self.has_class("-zoom"):
            self.view.focus_pane()
        else:
            self.query_one("#matches", Rows).focus()

    def do_next_tab(self) -> None:
        self.view.turn(1)

    def do_previous_tab(self) -> None:
        self.view.turn(-1)


def _match(match: Match, width: int) -> Content:
    """A workflow, how well it fits, and why."""
    candidate = match.candidate
    name = min(24, max(12, width // 3))
    fits = f"{match.score:.0%}" if match.score else ""
    template = candidate.workflow.template
    about = f"has: {', '.join(match.words)}" if match.words else ""
    about = about or (template.for_ if template else "") or candidate.workflow.description or candidate.workflow.name
    scope = SOURCES.get(candidate.scope, candidate.scope)
    return Content.assemble(
        " ",
        cell(candidate.name, name, "bold"),
        " ",
        cell(about, max(0, width - name - 16), QUIET),
        cell(fits, 5, STYLES["active"], right=True),
        cell(scope, 9, f"{QUIET} italic", right=True),
    )
