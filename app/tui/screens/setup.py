"""What is set up here: models, servers, rules, the workspace, the machine, paths, colours, keys; and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from app.inspection import GROUPS, gather
from app.paths import from_home
from app.present.setup import (
    GLYPHS,
    Line,
    sections,
    tally,
)
from app.tui.actions import ACTIONS, bindings, in_effect, shown_key
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.messages import Reloaded, ServicesOpened
from app.tui.screens.setup_acts import Acting
from app.tui.text import KEY, QUIET, STYLES, block, cell, keys, line
from app.tui.theme import NAMES
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.page import Page
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError

COLOURS = {"ok": STYLES["good"], "note": STYLES["warning"], "bad": STYLES["bad"], "": QUIET}
NAME = 16


class Lines(Rows, inherit_bindings=False):
    """Rows in which `k` is left to the screen: it keeps a key there."""

    BINDINGS = bindings("list", without=("k",))


class SetupScreen(Acting):
    """Everything is looked at in the background; each line appears when it is known. No model is asked."""

    WHERE: ClassVar[str] = "setup"
    BINDINGS = bindings("setup", checked=True)
    CSS_PATH = "setup.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[Line]] = {}
        self.looking: set[str] = set()
        self._showing = False
        self._moved = False

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with Vertical(id="list") as box:
            box.border_title = "setup"
            yield Lines("lines")
        with Vertical(id="detail") as detail:
            detail.border_title = "more"
            yield Page("more")
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#lines", Rows).focus()
        await self.look_again()
        self._showing = True
        self.show_lines()

    async def look_again(self) -> None:
        """Begin to look at everything; what was found stays until it is found again."""
        self.found["static"] = [*self._themes(), *_keys(), *self._paths()]
        for name in GROUPS:
            self._begin(name)

    def look_at(self, *groups: str) -> None:
        """Look at some of it again."""
        for name in groups:
            self._begin(name)

    def _begin(self, group: str) -> None:
        self.looking.add(group)
        in_background(self, partial(self._gather, group), group)

    # What is found

    async def _gather(self, group: str) -> None:
        found: list[Line] = []
        first = group not in self.found
        try:
            async for each in gather(group, self.understudy.desk, self.understudy.tried):
                found.append(each)
                if first:
                    self.found[group] = list(found)
                    self.show_lines()
        except UnderstudyError as error:
            found.append(Line("Machine", group, error.message, "bad", error.hint, "understudy doctor"))
        self.found[group] = found
        self.looking.discard(group)
        self.show_lines()

    def _paths(self) -> Iterator[Line]:
        paths = self.understudy.paths
        files = {"settings file": paths.config / "settings.yaml", "keys of models": paths.config / "credentials"}
        told = ("settings", "data", "logs")  # by the machine's checkup, with their modes
        for name, path in {**paths.named(), **files}.items():
            if name in told:
                continue
            there = "" if path.exists() else "  (not there yet)"
            yield Line("Paths", name, f"{path}{there}", command=str(path), subject=name)

    def _themes(self) -> Iterator[Line]:
        for name in NAMES:
            used = name == self.app.theme
            yield Line(
                "Theme", name, "in use" if used else "enter uses it", "ok" if used else "", act="theme", subject=name
            )

    # What is shown

    @property
    def lines(self) -> list[Line]:
        """All that was found, in an order that does not depend on what was known first."""
        return [each for name in (*GROUPS, "static") for each in self.found.get(name, ())]

    @property
    def line(self) -> Line | None:
        key = self.query_one("#lines", Rows).key if self.is_mounted else ""
        return next((each for each in self.lines if each.key == key), None)

    def show_lines(self) -> None:
        if not self._showing or not self.query("#lines"):
            return
        lines = self.lines
        rows: list[Row] = []
        for name, of_section in sections(lines):
            if of_section:
                rows += [*([Row(lambda width: Content(""))] if rows else []), Row(partial(_heading, name, of_section))]
                rows += [Row(partial(_drawn, each), each.key) for each in of_section]
        shown = self.query_one("#lines", Rows)
        shown.show(rows)
        if not self._moved:
            # What is known last may stand first.
            shown.move_to(next(row.key for row in rows if row.key))
        self._show_status(lines)
        self._show_more()

    def _show_status(self, lines: Sequence[Line]) -> None:
        bad, notes = tally(lines)
        items = [Item("setup", "bold")]
        items.append(Item(f"✗ {bad} wrong", STYLES["bad"], True) if bad else Item("nothing is wrong", STYLES["good"]))
        if notes:
            items.append(Item(f"! {notes} to know", STYLES["warning"]))
        if self.looking:
            items.append(Item(f"looking at {', '.join(sorted(self.looking))} …", QUIET))
        self.query_one(StatusLine).show(items)

    def _show_more(self) -> None:
        chosen = self.line
        self.refresh_bar()
        if chosen is None:
            self.query_one("#more", Page).show(Content(""))
            return
        parts = [Content.assemble((f"{GLYPHS[chosen.grade]} ", COLOURS[chosen.grade]), line(chosen.name, 80, "bold"))]
        parts += [block(from_home(chosen.text))]
        if chosen.next:
            parts += [Content(""), Content.assemble(("next: ", QUIET), block(from_home(chosen.next)))]
        if chosen.command and chosen.command in chosen.text:
            parts += [keys(("y", "copies it"))]
        elif chosen.command:
            command = block(from_home(chosen.command), KEY)
            parts += [Content.assemble("      ", command), Content.assemble("      ", keys(("y", "copies it")))]
        if chosen.more:
            parts += [Content(""), *(block(from_home(text), QUIET) for text in chosen.more)]
        self.query_one("#more", Page).show(Content("\n").join(parts))

    # What happens

    @on(Rows.Highlighted, "#lines")
    def highlighted(self) -> None:
        self._moved = True
        self._show_more()

    @on(Rows.Chosen, "#lines")
    async def chosen(self) -> None:
        await self.take(self.line)

    @on(ServicesOpened)
    async def opened(self) -> None:
        """They were opened anew, with other settings."""
        await self.look_again()

    @on(Reloaded)
    def reloaded(self) -> None:
        self.look_at("servers", "rules", "workspace")

    @on(RunAdvanced)
    def advanced(self, message: RunAdvanced) -> None:
        """What was allowed in a run is another list once that is in its history."""
        listed = {line.subject for line in self.found.get("permits", ()) if line.subject.startswith(f"{message.run} ")}
        counts = {f"{message.run} {at}" for at, permit in enumerate(message.state.permits, 1) if permit.revoked is None}
        if listed != counts and not message.state.over:
            self.look_at("permits")

    def on_screen_resume(self) -> None:
        if self._showing and self.understudy.ready:
            self.look_at(*(name for name in GROUPS if name not in ("machine", "programs")))

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.query_one("#more").has_focus:
            event.stop()
            self.query_one("#lines", Rows).focus()

    def do_next_section(self) -> None:
        self._turn(1)

    def do_previous_section(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """To the first line of the next section, or of the one before."""
        self._moved = True
        rows = self.query_one("#lines", Rows)
        found = [name for name, of_section in sections(self.lines) if of_section]
        here = self.line
        place = found.index(here.section) if here is not None else 0
        wanted = found[(place + by) % len(found)]
        for row in rows.rows:
            if row.key.startswith(f"{wanted}/"):
                rows.move_to(row.key)
                break
        self._show_more()

    def change_theme(self, name: str) -> None:
        self.understudy.choose_theme(name)
        self.found["static"] = [*self._themes(), *_keys(), *self._paths()]
        self.show_lines()


def _keys() -> Iterator[Line]:
    """All actions with their keys."""
    for action in map(in_effect, ACTIONS):
        pressed = " ".join(shown_key(key) for key in action.keys)
        yield Line("Keys", pressed, f"{action.where}: {action.about}", subject=action.id)


def _heading(name: str, lines: Sequence[Line], width: int) -> Content:
    bad, notes = tally(lines)
    words = f"✗ {bad}" if bad else f"! {notes}" if notes else ""
    return Content.assemble(
        cell(f" {name}", max(0, width - 8), f"bold {QUIET}"), cell(words, 8, COLOURS["bad" if bad else "note"])
    )


def _drawn(each: Line, width: int) -> Content:
    return Content.assemble(
        "  ",
        cell(GLYPHS[each.grade], 2, COLOURS[each.grade]),
        cell(each.name, NAME, "bold" if each.grade in ("bad", "note") else ""),
        " ",
        cell(from_home(each.text), max(0, width - NAME - 5), COLOURS["bad"] if each.grade == "bad" else QUIET),
    )
