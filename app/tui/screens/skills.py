"""Skills and agents in one list: what each is and how it stands, its file, who uses it, what was reloaded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static, TabbedContent

from app.paths import from_home
from app.present.figures import clock_time, plural
from app.present.inventory import ERROR, UNTRUSTED, Entry, What, entries, paths_looked_in, users
from app.sources import read_source_text
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.messages import Reloaded, WorkflowsListed
from app.tui.screens.skill_editing import Editing
from app.tui.text import QUIET, STYLES, badge, cell, keys, line
from app.tui.widgets.editor import Editor
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.listing import Listing
from app.tui.widgets.page import Page
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.skill_facts import facts_of, using_rows
from app.tui.widgets.status_line import Item, StatusLine
from app.tui.widgets.tabbed import Tab, Tabbed
from app.tui.widgets.tail import Tail
from workflows.errors import UnderstudyError

TITLES = {"workspace": "Of this workspace", "user": "Yours", "built-in": "Built in"}
STATE = 12
KIND = 12

LEAST = 12
"""Columns in which a few words of what it is for can be read."""


class SkillsScreen(Editing):
    """What is chosen in the list is shown beside it. Nothing of a skill runs here before a person tries it."""

    WHERE: ClassVar[str] = "skills"
    BINDINGS = bindings("skills", checked=True)
    AUTO_FOCUS = "#entries"
    CSS_PATH = "skills.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry] = ()
        self._users: Mapping[tuple[What, str], tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with Vertical(id="list") as box:
            box.border_title = "skills and agents"
            yield LineField(placeholder="filter: words of names, kinds, states", id="filter")
            yield Static(id="nothing", markup=False)
            yield Rows("entries")
        yield Tabbed(
            (
                Tab("about", "About", Page("facts")),
                Tab("file", "File", Listing("source")),
                Tab("users", "Used by", Rows("using")),
                Tab("check", "Check", Page("checked")),
                Tab("reloads", "Reloads", Tail("reloads-tail")),
            ),
            "preview",
        )
        yield Editor("editor")
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#entries", Rows).focus()
        self.query_one("#checked", Page).show(keys(("v", "checks the file of what is chosen; nothing of it runs")))
        self._show_reloads()
        await self.look_again()

    async def look_again(self) -> None:
        """The current snapshots; they are read already, so this takes no time."""
        app = self.understudy
        self._entries = entries(app.desk.services)
        self._users = users(app.workflows)
        self._show()

    # What is shown

    @property
    def entry(self) -> Entry | None:
        key = self.query_one("#entries", Rows).key if self.is_mounted else ""
        return next((entry for entry in self._entries if entry.key == key), None)

    def go_to(self, what: str, name: str) -> None:
        """Put the cursor on one of them."""
        self.query_one("#filter", Input).value = ""
        self.remove_class("-filtering")
        self._show()
        self.query_one("#entries", Rows).move_to(f"{what} {name}")
        self._preview()

    def _show(self) -> None:
        words = self.query_one("#filter", Input).value.casefold().split()
        shown = _matching(self._entries, words)
        rows: list[Row] = []
        longest = min(30, max((cell_len(entry.name) for entry in shown), default=0) + 1)
        for scope, title in TITLES.items():
            of_scope = [entry for entry in shown if entry.scope == scope]
            if of_scope:
                rows += [Row(partial(_heading, f"{title} ({len(of_scope)})"))]
                rows += [Row(partial(_drawn, entry, longest), entry.key) for entry in of_scope]
        self.query_one("#entries", Rows).show(rows)
        self._show_nothing(filtered=bool(words), none=not shown)
        self._show_status()
        self._preview()
        self.refresh_bar()

    def _show_nothing(self, *, filtered: bool, none: bool) -> None:
        """Where there are none of one's own it is said where they are looked for."""
        box = self.query_one("#nothing", Static)
        own = any(entry.scope != "built-in" for entry in self._entries)
        box.display = none or not own
        if none and filtered:
            box.update(Content.assemble("Nothing matches. ", keys(("esc", "clears the filter"))))
        elif not own:
            looked = paths_looked_in(self.understudy.desk.services)
            paths = [line(f"{what}: {from_home(', '.join(map(str, where)))}", 600, QUIET) for what, where in looked]
            box.update(Content("\n").join([Content("None of your own found."), *paths, keys(("n", "creates one"))]))

    def _show_status(self) -> None:
        counted = {what: sum(entry.what == what for entry in self._entries) for what in ("skill", "agent")}
        items = [Item("skills & agents", "bold")]
        items += [Item(plural(count, what), QUIET) for what, count in counted.items()]
        if broken := sum(entry.state is ERROR for entry in self._entries):
            items.append(Item(f"✗ {plural(broken, 'error')}", STYLES["bad"], True))
        if any(entry.state is UNTRUSTED for entry in self._entries):
            items.append(Item("! not trusted (t)", STYLES["warning"], True))
        self.query_one(StatusLine).show(items)

    def _preview(self) -> None:
        self.refresh_bar()
        in_background(self, self._look_into, "preview")

    async def _look_into(self) -> None:
        """Tell all of what is chosen. A keyring may be asked for a model's key, so not on this thread."""
        entry, services, reloads = self.entry, self.understudy.desk.services, self.understudy.reloads
        tabs, listing = self.query_one("#preview", Tabbed), self.query_one("#source", Listing)
        if entry is None:
            tabs.border_title = Content("")
            self.query_one("#facts", Page).show(Content(""))
            listing.list_text("")
            self.query_one("#using", Rows).show(())
            return
        tabs.border_title = Content.assemble(
            line(entry.name, 60, "bold"), Content.styled(" · ", QUIET), line(entry.kind, 30, QUIET)
        )
        using = self._users.get((entry.what, entry.name), ())
        self.query_one("#facts", Page).show(await asyncio.to_thread(facts_of, entry, using, services, reloads))
        self.query_one("#using", Rows).show(using_rows(entry, using, services))
        if entry.path is None:
            listing.list_text("It has no file.")
            return
        try:
            source = await asyncio.to_thread(read_source_text, entry.path)
        except UnderstudyError as error:
            listing.list_text(error.message)
        else:
            listing.list_text(source.text, entry.said)
            self._show_error()

    @on(TabbedContent.TabActivated)
    def _show_error(self) -> None:
        """The first error is in view where the file is."""
        entry = self.entry
        if entry is not None and entry.errors and self.query_one("#preview", Tabbed).tab == "file":
            listing, number = self.query_one("#source", Listing), entry.errors[0].line
            self.call_after_refresh(listing.go_to, number)

    def _show_reloads(self) -> None:
        told = self.understudy.reloads.told
        lines = [f"{clock_time(each.at)}  {each.text.replace(chr(10), '; ')}" for each in told]
        text = "\n".join(lines) or "Nothing was reloaded since the program began. What is saved counts within a second."
        self.query_one("#reloads-tail", Tail).show(text)

    # What happens

    @on(Reloaded)
    @on(WorkflowsListed)
    async def reloaded(self) -> None:
        self._show_reloads()
        await self.look_again()

    @on(Rows.Highlighted, "#entries")
    def highlighted(self) -> None:
        self.query_one("#checked", Page).show(keys(("v", "checks the file of what is chosen; nothing of it runs")))
        self._preview()

    @on(Rows.Chosen, "#entries")
    def chosen(self) -> None:
        self.query_one("#preview", Tabbed).focus_pane()

    @on(Rows.Chosen, "#using")
    async def user_chosen(self, event: Rows.Chosen) -> None:
        what, _, name = event.key.partition(" ")
        if what == "workflow":
            await self.understudy.open_form(name)
        else:
            self.go_to(what, name)

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        self._show()

    @on(Input.Submitted, "#filter")
    def filtered(self) -> None:
        self.set_class(bool(self.query_one("#filter", Input).value), "-filtering")
        self.query_one("#entries", Rows).focus()

    def on_key(self, event: events.Key) -> None:
        field, rows = self.query_one("#filter", Input), self.query_one("#entries", Rows)
        if event.key == "escape" and self._step_back():
            event.stop()
        elif event.key == "down" and self.focused is field:
            event.stop()
            rows.focus()

    def _step_back(self) -> bool:
        """Out of what is open on this screen; False where nothing is."""
        field, rows = self.query_one("#filter", Input), self.query_one("#entries", Rows)
        if self.has_class("-zoom"):
            self.do_zoom()
        elif self.focused is field or field.value:
            field.value = ""
            self.remove_class("-filtering")
            rows.focus()
        elif self.query_one("#preview").has_focus_within:
            rows.focus()
        else:
            return False
        return True

    # Actions

    def facts(self) -> set[str]:
        if self.editing:
            return {"editing"}
        found = {"list"} | ({"untrusted"} if not self.understudy.desk.trusted() else set())
        if (entry := self.entry) is None:
            return found
        found |= {"entry"} | ({"own"} if entry.own else set()) | ({"file"} if entry.path is not None else set())
        callable_ = entry.what == "skill" and entry.found is not None and not entry.hidden_by
        if callable_ and entry.found is not None and entry.found.trusted and not getattr(entry.found, "unusable", ""):
            found.add("callable")
        return found

    def do_filter(self) -> None:
        self.add_class("-filtering")
        self.set_focus(self.query_one("#filter", Input))

    def do_next_tab(self) -> None:
        self.query_one("#preview", Tabbed).turn(1)

    def do_previous_tab(self) -> None:
        self.query_one("#preview", Tabbed).turn(-1)

    def do_zoom(self) -> None:
        self.toggle_class("-zoom")
        if self.has_class("-zoom"):
            self.query_one("#preview", Tabbed).focus_pane()
        else:
            self.query_one("#entries", Rows).focus()

    def do_trust(self) -> None:
        self.understudy.ask_trust()


def _matching(found: Sequence[Entry], words: Sequence[str]) -> Sequence[Entry]:
    """Those that have all words in what they are; where there are none, in what they are for."""
    named = {entry.key: f"{entry.name} {entry.what} {entry.kind} {entry.scope} {entry.state.word}" for entry in found}
    by_name = [entry for entry in found if all(word in named[entry.key].casefold() for word in words)]
    return by_name or [entry for entry in found if all(word in entry.about.casefold() for word in words)]


def _heading(title: str, width: int) -> Content:
    return cell(f" {title}", width, f"bold {QUIET}")


def _drawn(entry: Entry, longest: int, width: int) -> Content:
    name = min(longest, max(12, width - STATE - KIND - 3))
    room = width - STATE - KIND - name - 3
    return Content.assemble(
        "  ",
        badge(entry.state, STATE),
        cell(entry.name, name, "bold" if entry.found is not None and not entry.hidden_by else QUIET),
        " ",
        cell(entry.kind, KIND, QUIET),
        cell(entry.about, room, QUIET) if room >= LEAST else "",
    )
