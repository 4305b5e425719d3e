"""What the runs of a period came to: how many, how they ended, how long they took, what they cost, what went wrong."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from app.analytics import gather
from app.failures import explain
from app.present.figures import ago, duration, plural
from app.present.periods import NAMES, Period, read_period
from app.present.statistics import SlowStep, Statistics, TopError
from app.present.tallies import error_name, error_place, rate, remarks
from app.tui.actions import bindings
from app.tui.background import in_background
from app.tui.bridge import RunAdvanced
from app.tui.messages import ServicesFailed, ServicesOpened
from app.tui.stage import Stage
from app.tui.text import KEY, QUIET, STYLES, block, cell, keys, line
from app.tui.widgets.chart import Chart, Kinds, Measures
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.line_field import LineField
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError

EVERY = 2.0
"""Seconds between two readings while runs are under way, at least."""

SPARED = 10.0
"""Times as long as a reading took pass before the next one: a long history is not read again and again."""

USUAL = "7d"


class AnalyticsScreen(Stage):
    """Charts above, lists of slow steps and of errors below; `enter` opens the run where that was worst or last."""

    WHERE: ClassVar[str] = "analytics"
    BINDINGS = bindings("analytics", checked=True)
    CSS_PATH = "analytics.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._period = USUAL
        self._found: Statistics | None = None
        self._read = 0.0
        self._took = 0.0

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static(id="periods", markup=False)
        yield LineField(placeholder="all workflows; / filters by name", id="filter")
        yield Static(id="nothing", markup=False)
        for ident, title, inside in (
            ("chart-box", "runs", Chart("chart")),
            ("measures-box", "figures", Measures("measures")),
            ("steps-box", "slowest steps", Rows("steps")),
            ("errors-box", "top errors", Rows("errors")),
            ("kinds-box", "models and versions", Kinds("kinds")),
        ):
            with Vertical(id=ident, classes="box") as box:
                box.border_title = title
                yield inside
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#steps", Rows).focus()
        await self.look_again()

    async def look_again(self) -> None:
        app = self.understudy
        self._read = now = app.clock.now()
        text = self.query_one("#filter", Input).value.strip()
        try:
            self._found = await gather(app.desk.services.store, self._chosen(now), now, text)
        except UnderstudyError as error:
            self._found = None
            why = block(f"✗ {explain(error)}\n  `understudy doctor` looks closer.", STYLES["bad"])
            self._show_nothing("nothing can be read", why)
        else:
            self._took = app.clock.now() - now
            self._show(self._found, now, text)
        self._show_periods(now)
        self.refresh_bar()

    def _chosen(self, now: float) -> Period:
        period = read_period(self._period, now)
        assert period is not None  # only what is on offer is chosen
        return period

    # What is shown

    def _show(self, found: Statistics, now: float, text: str) -> None:
        whole = found.whole
        if not whole.runs:
            self._show_nothing("no runs", _nothing(found.period, text))
            return
        self.set_class(False, "-empty")
        self.query_one("#chart-box", Vertical).border_title = f"runs by the {found.unit}"
        self.query_one(Chart).show(found)
        self.query_one(Measures).show(found)
        self.query_one(Kinds).show(found)
        self.query_one("#steps", Rows).show(_step_rows(found))
        self.query_one("#errors", Rows).show(_error_rows(found, now))
        items = [
            Item("analytics", "bold"),
            Item(plural(whole.runs, "run"), QUIET),
            Item(f"{rate(whole.rate)} succeeded", STYLES["good"] if whole.failed == 0 else ""),
        ]
        items += [Item(remark, STYLES["warning"], bar=True) for remark in remarks(whole)]
        self.query_one(StatusLine).show(items)

    def _show_periods(self, now: float) -> None:
        parts, narrow = [], self.size.width < 120
        for name in NAMES:
            period = read_period(name, now)
            assert period is not None
            chosen = name == self._period
            label = name if narrow else period.label
            parts += [Content.styled(f"[{label}]" if chosen else f" {label} ", KEY if chosen else QUIET)]
        self.query_one("#periods", Static).update(Content(" ").join(parts))

    def _show_nothing(self, state: str, why: Content) -> None:
        self.set_class(True, "-empty")
        self.query_one("#nothing", Static).update(why)
        self.query_one(StatusLine).show([Item("analytics", "bold"), Item(state, QUIET)])

    # What happens

    @on(RunAdvanced)
    def advanced(self) -> None:
        if self.understudy.clock.now() - self._read >= max(EVERY, SPARED * self._took):
            in_background(self, self.look_again, "look")

    @on(ServicesOpened)
    @on(ServicesFailed)
    @on(Input.Changed, "#filter")
    def asked(self) -> None:
        in_background(self, self.look_again, "look")

    @on(Input.Submitted, "#filter")
    def filtered(self) -> None:
        self.query_one("#steps", Rows).focus()

    @on(Rows.Chosen)
    async def chosen(self, event: Rows.Chosen) -> None:
        run, _, _ = event.key.partition(" ")
        await self.understudy.open_run(run)

    def on_key(self, event: events.Key) -> None:
        field = self.query_one("#filter", Input)
        if event.key == "escape" and (self.focused is field or field.value):
            event.stop()
            field.value = ""
            self.query_one("#steps", Rows).focus()
        elif event.key == "down" and self.focused is field:
            event.stop()
            self.query_one("#steps", Rows).focus()

    # Actions

    def do_filter(self) -> None:
        self.set_focus(self.query_one("#filter", Input))

    async def do_longer(self) -> None:
        await self._choose(1)

    async def do_shorter(self) -> None:
        await self._choose(-1)

    async def _choose(self, by: int) -> None:
        place = NAMES.index(self._period) + by
        if 0 <= place < len(NAMES):
            self._period = NAMES[place]
            await self.look_again()


def _nothing(period: Period, text: str) -> Content:
    """No runs are in the figures: which, and how there may be some."""
    said = ["No runs", f"of a workflow with “{text}” in its name" if text else "", period.within]
    lines = [line(" ".join(filter(None, said)) + ".", 200)]
    if text:
        lines.append(keys(("esc", "clears the filter")))
    if period.since is not None:
        lines.append(keys(("]", "a longer period")))
    elif not text:
        lines.append(keys(("1", "home: start one there")))
    return Content("\n").join(lines)


def _step_rows(found: Statistics) -> list[Row]:
    head = [Row(_step_head)]
    return [*head, *(Row(partial(_step_row, step), f"{step.run} {n}") for n, step in enumerate(found.slowest))]


def _step_head(width: int) -> Content:
    return Content.styled(f" {'':<{max(width - 27, 0)}}{'tries':>7} {'p50':>8} {'p95':>9} ", f"{QUIET} italic")


def _step_row(step: SlowStep, width: int) -> Content:
    name = f"{step.workflow}: {step.step}" + (f" · {step.performer}" if width >= 60 else "")
    return Content.assemble(
        " ",
        cell(name, width - 27),
        cell(str(step.tries), 7, QUIET, right=True),
        " ",
        cell(duration(step.p50), 8, "bold", right=True),
        " ",
        cell(duration(step.p95), 9, QUIET, right=True),
    )


def _error_rows(found: Statistics, now: float) -> list[Row]:
    if not found.errors:
        return [Row(lambda width: cell(" No try failed.", width, QUIET))]
    return [Row(partial(_error_row, error, now), f"{error.run} {n}") for n, error in enumerate(found.errors)]


def _error_row(error: TopError, now: float, width: int) -> Content:
    """How often, what, where, and when last: the message gives way first."""
    name = min(16, width // 4)
    where = min(32, width // 4) if width >= 90 else 0
    when = 11 if width >= 50 else 0
    return Content.assemble(
        cell(f"{error.times}×", 6, "bold", right=True),
        " ",
        cell(error_name(error), name, STYLES["bad"]),
        " ",
        cell(error.message, width - 8 - name - where - when - (1 if where else 0)),
        " " if where else "",
        cell(error_place(error), where, QUIET),
        cell(ago(error.last, now), when, QUIET, right=True),
    )
