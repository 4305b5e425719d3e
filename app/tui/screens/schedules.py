"""What starts by itself: schedules with their next times, triggers with their counters, and how the last ones ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from app.failures import explain
from app.present.figures import plural
from app.present.schedules import (
    ONLY_SERVED,
    ahead_words,
    detail_lines,
    removal,
    rule_words,
    seen_lines,
    start_badge,
    time_words,
)
from app.present.triggers import trigger_lines, trigger_words
from app.scheduling import Scheduling, Seen
from app.triggering import SeenTrigger, Triggering
from app.tui.actions import Action, bindings
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.messages import ServicesFailed, ServicesOpened
from app.tui.modals.choices import Choices, Option
from app.tui.stage import Stage
from app.tui.text import QUIET, STYLES, badge, block, cell, keys, line
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError

One: TypeAlias = Seen | SeenTrigger


class SchedulesScreen(Stage):
    """A list of schedules and triggers; `enter` opens the last run of one."""

    WHERE: ClassVar[str] = "schedules"
    BINDINGS = bindings("schedules", checked=True)
    CSS_PATH = "schedules.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._found: Mapping[str, One] = {}
        self._zone = "UTC"

    def compose(self) -> ComposeResult:
        yield StatusLine()
        with Vertical(id="list") as box:
            box.border_title = "what starts by itself"
            yield Static(id="nothing", markup=False)
            yield Rows("table")
        with VerticalScroll(id="preview", can_focus=False) as preview:
            preview.border_title = "this one"
            yield Static(id="told", markup=False)
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#table", Rows).focus()
        await self.look_again()

    async def look_again(self) -> None:
        scheduling, triggering = self._scheduling, self._triggering
        try:
            schedules, triggers = await scheduling.listed(), await triggering.listed()
            served, self._zone = scheduling.served(), scheduling.zone
        except UnderstudyError as error:
            self._found = {}
            why = block(f"✗ {explain(error)}\n  `understudy doctor` looks closer.", STYLES["bad"])
            self._show_nothing(why, "nothing can be read")
            return
        self._found = {
            **{f"schedule {seen.schedule.id}": seen for seen in schedules},
            **{f"trigger {seen.trigger.id}": seen for seen in triggers},
        }
        if not self._found:
            self._show_nothing(_nothing(), "nothing starts by itself")
            return
        self._show(schedules, triggers, served)

    def _show(self, schedules: list[Seen], triggers: list[SeenTrigger], served: bool) -> None:
        rows = [Row(_schedule_head)] if schedules else []
        rows += [Row(partial(_schedule_row, seen), f"schedule {seen.schedule.id}") for seen in schedules]
        rows += [Row(_trigger_head)] if triggers else []
        rows += [Row(partial(_trigger_row, seen), f"trigger {seen.trigger.id}") for seen in triggers]
        self.query_one("#nothing", Static).display = False
        self.query_one("#table", Rows).show(rows)
        items = [
            Item("schedules", "bold"),
            Item(f"{plural(len(schedules), 'schedule')}, {plural(len(triggers), 'trigger')}", QUIET),
        ]
        if not served:
            items.append(Item("no server runs: nothing starts", STYLES["warning"], bar=True))
        self.query_one(StatusLine).show(items)
        self._tell(served)
        self.refresh_bar()

    def _show_nothing(self, why: Content, state: str) -> None:
        self.query_one("#table", Rows).show(())
        nothing = self.query_one("#nothing", Static)
        nothing.display = True
        nothing.update(why)
        self.query_one("#told", Static).update("")
        self.query_one(StatusLine).show([Item("schedules", "bold"), Item(state, QUIET)])
        self.refresh_bar()

    def _tell(self, served: bool) -> None:
        """All of the one under the cursor."""
        here = self._here
        if here is None:
            return
        if isinstance(here, Seen):
            told = [*seen_lines(here), *((*pair, "") for pair in detail_lines(here))]
        else:
            told = list(trigger_lines(here, self._zone))
        parts = [line(f"{label.lstrip()}{text}", 400, _style(role)) for label, text, role in told]
        if not served:
            parts += [Content(""), line(ONLY_SERVED, 200, STYLES["warning"])]
        self.query_one("#told", Static).update(Content("\n").join(parts))

    # What happens

    @on(RunAdvanced)
    @on(ServicesOpened)
    @on(ServicesFailed)
    def advanced(self) -> None:
        in_background(self, self.look_again, "look")

    @on(Rows.Highlighted, "#table")
    def highlighted(self) -> None:
        self._tell(self._scheduling.served())
        self.refresh_bar()

    @on(Rows.Chosen, "#table")
    async def chosen(self, event: Rows.Chosen) -> None:
        found = self._found.get(event.key)
        if found is None or found.run is None:
            self.understudy.tell("Its last start has no run yet.")
            return
        await self.understudy.open_run(found.run.run_id)

    # Actions

    @property
    def _scheduling(self) -> Scheduling:
        return Scheduling(self.understudy.desk, self.understudy.person)

    @property
    def _triggering(self) -> Triggering:
        return Triggering(self.understudy.desk, self.understudy.person)

    @property
    def _here(self) -> One | None:
        """What is under the cursor."""
        return self._found.get(self.query_one("#table", Rows).key)

    def opens(self) -> str:
        return "last run"

    def facts(self) -> set[str]:
        return {"standing"} if self.is_mounted and self._here is not None else set()

    def label(self, action: Action) -> str:
        if action.name == "pause" and self.is_mounted and (here := self._here) is not None and _paused(here):
            return "resume"
        return super().label(action)

    async def do_pause(self) -> None:
        here = self._one_here()
        name, what = _name(here), self._of(here)
        if _paused(here):
            await what.resume(name)
            self.understudy.tell(f"{name} counts again.")
            await self.look_again()
            return
        follows = f"Next would be {ahead_words(here)}." if isinstance(here, Seen) else ""
        text = f"It starts nothing until it is resumed, and what is missed meanwhile is not made up for.\n{follows}"
        self._confirm(
            f"pause {name}?", text, Option("pause", "p", "pause it", "runs under way go on"), what.pause, here
        )

    def do_now(self) -> None:
        here = self._one_here()
        what = self._of(here)
        work = what.run_now if isinstance(what, Scheduling) else what.fire
        given = here.schedule.parameters if isinstance(here, Seen) else here.trigger.parameters
        input_ = ", ".join(f"{name}: {value}" for name, value in given.items()) or "no input of its own"
        text = f"One run of {here.version or 'a version that is not published'} is asked for, with {input_}."
        self._confirm(
            f"run {_name(here)} now?", text, Option("now", "n", "run it", "its times stay as they are"), work, here
        )

    def do_remove(self) -> None:
        here = self._one_here()
        option = Option("remove", "d", "forget it", "this cannot be taken back", deliberate=True)
        kept = here.schedule if isinstance(here, Seen) else here.trigger
        text = removal(kept.id, kept.workflow, kept.count)
        self._confirm(f"remove {kept.id}?", text, option, self._of(here).remove, here)

    def _confirm(
        self, title: str, text: str, option: Option, work: Callable[[str], Awaitable[object]], one: One
    ) -> None:
        async def confirmed(name: str | None) -> None:
            if name:
                await work(_name(one))
                self.understudy.tell(_DONE[option.name].format(_name(one)))
                await self.look_again()

        self.ask(Choices(title, text, [option]), confirmed)

    def _of(self, one: One) -> Scheduling | Triggering:
        return self._scheduling if isinstance(one, Seen) else self._triggering

    def _one_here(self) -> One:
        here = self._here
        assert here is not None  # the table of actions asks for one
        return here


_DONE = {"pause": "{} is paused.", "now": "A run of {} is asked for.", "remove": "{} is removed; its runs stay."}


def _name(one: One) -> str:
    return one.schedule.id if isinstance(one, Seen) else one.trigger.id


def _paused(one: One) -> bool:
    return one.schedule.paused if isinstance(one, Seen) else one.trigger.paused


def _style(role: str) -> str:
    return {"strong": "bold", "attention": STYLES["attention"], "bad": STYLES["bad"]}.get(role, "")


def _nothing() -> Content:
    return Content("\n").join(
        [
            line("Nothing starts by itself yet."),
            line(
                "`understudy publish WORKFLOW`, then `understudy schedule add WORKFLOW --cron '30 7 * * mon-fri'`", 200
            ),
            line("or `understudy trigger add WORKFLOW --file 'inbox/*.csv'`.", 200),
            keys(("2", "workflows")),
        ]
    )


def _widths(width: int) -> tuple[int, int, int, int]:
    """Columns: name, what it waits for, when next or how often, how the last one ended."""
    last = 14 if width >= 60 else 0
    following = 21 if width >= 44 else 0
    name = max(10, min(22, (width - last - following) * 2 // 5))
    return name, max(width - name - following - last - 4, 0), following, last


def _schedule_head(width: int) -> Content:
    return _drawn(width, "schedule", "when", "next", Content.styled("last", f"{QUIET} italic"), f"{QUIET} italic")


def _trigger_head(width: int) -> Content:
    return _drawn(width, "trigger", "when", "started", Content.styled("last", f"{QUIET} italic"), f"{QUIET} italic")


def _schedule_row(seen: Seen, width: int) -> Content:
    schedule = seen.schedule
    if schedule.paused:
        following = "‖ paused"
    elif seen.ahead:
        following = time_words(seen.ahead[0], schedule.timezone)
    else:
        following = "✗ no such zone" if seen.fault else "no more"
    return _drawn(width, schedule.id, rule_words(schedule), following, _last(seen))


def _trigger_row(seen: SeenTrigger, width: int) -> Content:
    trigger = seen.trigger
    count = "‖ paused" if trigger.paused else plural(trigger.count, "time")
    return _drawn(width, trigger.id, trigger_words(trigger), count, _last(seen))


def _last(one: One) -> Content:
    return badge(start_badge(one.last, one.run)) if one.last is not None else Content.styled("–", QUIET)


def _drawn(width: int, name: str, what: str, following: str, last: Content, style: str = "") -> Content:
    first, second, third, fourth = _widths(width)
    return Content.assemble(
        " ",
        cell(name, first, style or "bold"),
        " ",
        cell(what, second, style or QUIET),
        " ",
        cell(following, third, style),
        " " if fourth else "",
        last if fourth else "",
    )
