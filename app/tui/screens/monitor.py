"""How all runs go just now, of all processes: alerts, figures with their course, runs, and what is at work."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from app.alerts import see_to
from app.failures import explain
from app.monitoring.alerting import acknowledged, run_of
from app.monitoring.processes import Processes
from app.monitoring.sample import Sample
from app.monitoring.sampler import Measuring, Sampler
from app.present.figures import duration
from app.present.plots import sparkline
from app.present.status import status_badge
from app.present.watched import alert_line, gauges, standing_of
from app.tui.actions import bindings
from app.tui.background import every, in_background
from app.tui.messages import ServicesFailed, ServicesOpened
from app.tui.stage import Stage
from app.tui.text import KEY, QUIET, STYLES, badge, block, cell, line
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.rows import Row, Rows
from app.tui.widgets.status_line import Item, StatusLine
from workflows.errors import UnderstudyError
from workflows.journal.pulse import AtWork, UnderWay
from workflows.unattended.values import Alert

EVERY = 1.0
"""Seconds between two samples."""

KEPT = 300
"""Samples whose course is drawn."""

MOST_ALERTS = 5
"""Lines of alerts that are shown at once; more are scrolled to."""


class Gauges(Widget):
    """A row a figure, drawn anew at every size: its name, its value now, its course."""

    DEFAULT_CSS = "Gauges { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._samples: Sequence[Sample] = ()

    def show(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self.refresh()

    def render(self) -> Content:
        shown = gauges(self._samples) if self._samples else []
        wide = max((len(each.value) for each in shown), default=0) + 2
        return Content("\n").join(
            Content.assemble(
                cell(each.name, 11, QUIET),
                cell(each.value, wide, "bold"),
                Content.styled(sparkline(each.course, self.content_size.width - wide - 11), STYLES["active"]),
            )
            for each in shown
        )


class MonitorScreen(Stage):
    """`enter` opens the run of a line. It looks once a second for as long as it is there."""

    WHERE: ClassVar[str] = "monitor"
    BINDINGS = bindings("monitor", checked=True)
    CSS_PATH = "monitor.tcss"

    measuring: ClassVar[type[Measuring]] = Processes

    def __init__(self) -> None:
        super().__init__()
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._sampler: Sampler | None = None

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static(id="nothing", markup=False)
        yield _box("alerts", "alerts", Rows("alerts"))
        yield _box("gauges", "this minute", Gauges())
        with Vertical(id="below"):
            yield _box("runs", "runs", Rows("runs"))
            yield _box("work", "at work", Rows("work"))
        yield KeyBar()

    async def on_mount(self) -> None:
        self.query_one("#runs", Rows).focus()
        await self.look_again()
        every(self, self.understudy.clock, EVERY, self.look_again, "sample")

    def facts(self) -> set[str]:
        unseen = self._samples and any(not acknowledged(alert) for alert in self._samples[-1].alerts)
        return {"alerts"} if unseen else set()

    def opens(self) -> str:
        return "open the run"

    async def look_again(self) -> None:
        app = self.understudy
        try:
            if self._sampler is None:
                self._sampler = Sampler(app.desk.services.store, self.measuring())
            sample = await self._sampler.sample(app.clock.now())
        except UnderstudyError as error:
            self._sampler = None
            self._show_nothing(block(f"✗ {explain(error)}\n  `understudy doctor` looks closer.", STYLES["bad"]))
        else:
            self._samples.append(sample)
            self._show(sample)
        self.refresh_bar()

    # What is shown

    def _show(self, now: Sample) -> None:
        self.set_class(False, "-empty")
        self.set_class(not now.alerts, "-calm")
        alerts = self.query_one("#alerts", Rows)
        alerts.show([Row(partial(_alert, each, now.at), f"{run_of(each)} {each.id}") for each in now.alerts])
        self.query_one("#alerts-box", Vertical).styles.height = min(len(now.alerts), MOST_ALERTS) + 2
        self.query_one(Gauges).show(self._samples)
        if now.runs:
            runs = [Row(_run_head), *(Row(partial(_run, each, now.at), each.run_id) for each in now.runs)]
        else:
            runs = [Row(lambda width: line("Nothing is under way.", width, QUIET))]
        self.query_one("#runs", Rows).show(runs)
        work = [Row(partial(_work, each, now.at), f"{each.run_id} {n}") for n, each in enumerate(now.at_work)]
        self.query_one("#work", Rows).show(work or [Row(lambda width: line("No step is at work.", width, QUIET))])
        items = [Item("monitor", "bold"), Item(standing_of(now), QUIET)]
        if now.alerts:
            items.insert(1, Item(f"{len(now.alerts)} !", STYLES["bad"], kept=True))
        self.query_one(StatusLine).show(items)

    def _show_nothing(self, why: Content) -> None:
        self.set_class(True, "-empty")
        self.query_one("#nothing", Static).update(why)
        self.query_one(StatusLine).show([Item("monitor", "bold"), Item("nothing can be read", QUIET)])

    # What happens

    @on(ServicesOpened)
    @on(ServicesFailed)
    def changed(self) -> None:
        self._sampler = None
        in_background(self, self.look_again, "look")

    @on(Rows.Chosen)
    async def chosen(self, event: Rows.Chosen) -> None:
        run, _, _ = event.key.partition(" ")
        if run:
            await self.understudy.open_run(run)
        else:
            self.understudy.tell("This alert is of the machine, or of several runs: there is none to open.")

    # Actions

    async def do_acknowledge(self) -> None:
        app = self.understudy
        done = await see_to(app.desk.services, ("all",), app.person)
        app.tell(f"{len(done)} acknowledged.")
        await self.look_again()


def _box(ident: str, title: str, inside: Widget) -> Vertical:
    box = Vertical(inside, id=f"{ident}-box", classes="box")
    box.border_title = title
    return box


def _alert(alert: Alert, now: float, width: int) -> Content:
    seen = acknowledged(alert)
    return cell(f" ! {alert_line(alert, now)}", width, QUIET if seen else STYLES["bad"])


def _run_head(width: int) -> Content:
    name = max(width - 50, 8)
    return Content.styled(f" {'':<{name + 13}}{'for':>9} {'done':>7} {'failed':>6} {'active':>6}", f"{QUIET} italic")


def _run(run: UnderWay, now: float, width: int) -> Content:
    name = max(width - 50, 8)
    return Content.assemble(
        " ",
        cell(run.workflow, name),
        " ",
        badge(status_badge(run.status), 12),
        cell(duration(now - run.started), 9, right=True),
        " ",
        cell(f"{run.done}/{run.total}", 7, "bold", right=True),
        " ",
        cell(str(run.failed or "–"), 6, STYLES["bad"] if run.failed else QUIET, right=True),
        " ",
        cell(str(run.active or "–"), 6, STYLES["active"] if run.active else QUIET, right=True),
    )


def _work(each: AtWork, now: float, width: int) -> Content:
    by = f" · {each.performer}" if each.performer else ""
    return Content.assemble(
        " ",
        cell(f"{each.workflow}: {each.step}{by}", max(width - 11, 8)),
        cell(duration(now - each.started), 9, KEY if now - each.started > 60 else QUIET, right=True),
    )
