"""Beginning, editing, checking and trying a skill or an agent, from the screen that lists them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.content import Content

from app.paths import from_home
from app.present.inventory import Entry, entries
from app.sources import ChangedMeanwhile, Source, read_source_text, save_source
from app.tui.copying import offer
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry as Question
from app.tui.modals.json_editor import Edited
from app.tui.modals.pick import Pick, Pickable
from app.tui.stage import Stage
from app.tui.text import STYLES, block, line
from app.tui.widgets.editor import Editor, Text
from app.tui.widgets.page import Page
from app.tui.widgets.tabbed import Tabbed
from workflows.diagnostics import Diagnostic, render
from workflows.errors import UnderstudyError
from workflows.values import Json


class Editing(Stage):
    """The part of the screen that changes files; a class of its own, since Textual finds no handlers in a mixin."""

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        raise NotImplementedError

    def go_to(self, what: str, name: str) -> None:
        raise NotImplementedError

    @property
    def editing(self) -> bool:
        return self.has_class("-editing")

    # New

    def do_new(self) -> None:
        from app.beginnings import SORTS

        sorts = [
            Pickable(sort, "agent" if sort == "agent" else f"skill, {sort}", words) for sort, words in SORTS.items()
        ]
        self.ask(Pick("new", "What do you want to begin?", sorts), self._sort_taken)

    async def _sort_taken(self, taken: Edited | None) -> None:
        if taken is None:
            return
        paths = self.understudy.paths
        what = "agents" if taken.value == "agent" else "skills"
        folders = paths.folders(what)
        values = [
            Pickable("workspace", "this workspace", from_home(str(folders["workspace"]))),
            Pickable("user", "all of yours", from_home(str(folders["user"]))),
        ]

        async def where(scope: Edited | None) -> None:
            if scope is not None:
                self._ask_name(str(taken.value), scope.value == "user")

        self.ask(Pick("new", "Where does it belong?", values), where)

    def _ask_name(self, sort: str, user: bool) -> None:
        from app.beginnings import SORTS, begin, must_be_a_name

        chosen = next(each for each in SORTS if each == sort)

        def read(text: str) -> Json:
            must_be_a_name(chosen, text.strip())
            return text.strip()

        async def named(given: Edited | None) -> None:
            if given is None:
                return
            begun = begin(self.understudy.desk, chosen, str(given.value), user=user)
            if begun.hides:
                self.understudy.tell(f"{begun.name} takes the place of the {begun.hides} one.")
            await self.look_again()
            self.go_to("agent" if chosen == "agent" else "skill", begun.name)
            if not begun.trusted:
                self.understudy.tell("The workspace is not trusted, so it does not act yet: t trusts it.", "warning")
            await self._open(begun.files[0])

        example = {"agent": "bug-finder", "folder": "count-lines"}.get(sort, "notes.add")
        self.ask(Question(f"new {SORTS[chosen]}", "How is it to be called?", f"such as {example}", read), named)

    # Edit

    async def do_edit(self) -> None:
        entry = self.entry
        if entry is not None and entry.path is not None:
            await self._open(entry.path)

    async def _open(self, path: Path) -> None:
        source = await asyncio.to_thread(read_source_text, path)
        _must_be_editable(source)
        entry = self.entry
        language, said = (entry.language, entry.errors) if entry is not None and entry.path == path else ("", ())
        self.add_class("-editing")
        self.query_one(Editor).open(source, language, said)
        self.refresh_bar()

    @on(Editor.Changed)
    def text_changed(self) -> None:
        self.refresh_bar()

    async def do_save(self) -> None:
        await self._save()

    async def _save(self, *, anyway: bool = False) -> None:
        editor = self.query_one(Editor)
        if editor.source is None:
            return
        try:
            source = await asyncio.to_thread(save_source, editor.source, editor.text, anyway=anyway)
        except ChangedMeanwhile as error:
            self._ask_anyway(error)
            return
        editor.saved(source)
        services = self.understudy.desk.services
        # At once: the watcher would take a moment longer, and finds nothing new then.
        services.skills.reload()
        services.agents.reload()
        of_file = [entry for entry in entries(services) if entry.path == source.path]
        said = tuple(problem for entry in of_file[:1] for problem in entry.errors)
        editor.judge(said)
        if not said:
            self.understudy.tell(f"Saved {source.path.name}.")

    def _ask_anyway(self, error: ChangedMeanwhile) -> None:
        async def taken(name: str | None) -> None:
            if name == "mine":
                await self._save(anyway=True)
            elif name == "theirs":
                await self._reopen()

        options = (
            Option("theirs", "r", "read it again", "what you typed here is lost", deliberate=True),
            Option("mine", "w", "write mine", "what somebody else wrote is lost", deliberate=True),
        )
        self.ask(Choices("changed meanwhile", error.message, options), taken)

    async def _reopen(self) -> None:
        source = self.query_one(Editor).source
        if source is not None:
            await self._open(source.path)

    @on(Text.Left)
    def leave_editor(self) -> None:
        """Back to the list; what is not saved is asked about."""
        editor = self.query_one(Editor)
        if not editor.changed:
            self._put_away()
            return

        async def taken(name: str | None) -> None:
            if name == "save":
                await self._save()
            if name is not None and (name == "discard" or not editor.changed):
                self._put_away()

        options = (
            Option("save", "s", "save and leave", "it counts at once"),
            Option("discard", "d", "leave without saving", "what you typed is lost", deliberate=True),
        )
        self.ask(
            Choices("not saved", f"{editor.source.path.name if editor.source else ''} was changed.", options), taken
        )

    def _put_away(self) -> None:
        self.query_one(Editor).close()
        self.remove_class("-editing")
        self.query_one("#entries").focus()
        self.refresh_bar()

    async def do_outside(self) -> None:
        entry = self.entry
        if entry is not None and entry.path is not None:
            await self.understudy.edit_file(entry.path)
            services = self.understudy.desk.services
            services.skills.reload()
            services.agents.reload()
            await self.look_again()

    # What leaves the screen

    def do_copy(self) -> None:
        entry = self.entry
        if entry is None:
            return
        texts = {
            "i": ("name", entry.name),
            "s": ("command that shows it", f"understudy {entry.what}s show {entry.name}"),
        }
        if entry.path is not None:
            texts |= {"p": ("path", str(entry.path)), "t": ("file's text", read_source_text(entry.path).text)}
        offer(self, texts)

    async def do_pager(self) -> None:
        if (entry := self.entry) is not None and entry.path is not None:
            await self.understudy.page_text(entry.path.name, read_source_text(entry.path).text)

    # Check and try

    async def do_validate(self) -> None:
        from app.checking import check_file

        entry = self.entry
        if entry is None or entry.path is None:
            return
        found = await asyncio.to_thread(check_file, self.understudy.desk, entry.what, entry.path)
        tabs = self.query_one("#preview", Tabbed)
        self.query_one("#checked", Page).show(_result(entry.path, found))
        tabs.open("check")

    async def do_try(self) -> None:
        from app.tui.screens.try_skill import TryScreen

        entry = self.entry
        if entry is not None and entry.what == "skill":
            await self.app.push_screen(TryScreen(entry.name))


def _must_be_editable(source: Source) -> None:
    """Raises UnderstudyError for what cannot be shown as it is, or lies elsewhere."""
    path = source.path
    if not Editor.takes(source.text):
        message = f"{path.name} holds characters that act on a terminal, or hide."
        raise UnderstudyError(message, "E opens it in your editor.")
    if path.is_symlink():
        raise UnderstudyError(f"{path.name} is a link to {path.resolve()}.", "E opens it in your editor.")


def _result(path: Path, found: Sequence[Diagnostic]) -> Content:
    if not found:
        return line(f"✓ {from_home(str(path))}: nothing is wrong with it", 400, STYLES["good"])
    parts = [block(from_home(render(each)), STYLES["bad" if each.is_error else "warning"]) for each in found]
    return Content("\n\n").join(parts)
