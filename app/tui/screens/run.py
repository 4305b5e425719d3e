"""One run: its steps, the one that is on view, and what waits for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Static

from app.present.figures import duration
from app.present.inquiry import Card, closed_by, present_inquiry
from app.present.owners import silence
from app.present.remarks import stopped_at
from app.present.status import INTERRUPTED
from app.tui.actions import Action, bindings, find
from app.tui.arming import Arming
from app.tui.background import every
from app.tui.bridge import JournalStuck, RunAdvanced, TextArrived
from app.tui.screens.answers import wanted_of
from app.tui.screens.interventions import Interventions
from app.tui.screens.looking import Looking
from app.tui.screens.taking import Taking
from app.tui.step_view import StepView
from app.tui.text import STYLES
from app.tui.timeline import Scale
from app.tui.tree import Tree
from app.tui.widgets.detail import Detail
from app.tui.widgets.gate import Gate, Shown
from app.tui.widgets.graph import Graph
from app.tui.widgets.key_bar import KeyBar
from app.tui.widgets.rail import THE_RUN, Shape, rail_rows
from app.tui.widgets.rows import Rows
from app.tui.widgets.status_line import STATE, Item, StatusLine, run_items
from app.watch import RunWatch
from composer.mending import went_wrong
from workflows.errors import UnderstudyError
from workflows.runs.events import Recorded
from workflows.runs.state import RunState

ROOM = 15
"""Rows beside the gate that rail and detail need both; with fewer, only the rail is left."""

FEW = 7
"""Rows of the rail up to which a narrow screen gives the detail more room than it."""

EVERY = 1.0
"""Seconds between looks at the clock, and at who has the run."""

FOLLOW = 0.1
"""Seconds between looks at what another process writes: next to nothing while it writes nothing."""


class RunScreen(Interventions, Taking, Looking):
    """Shows a run. What a person can do to it is in `Interventions`, what they look at in `Looking`, what
    they take with them in `Taking`."""

    WHERE: ClassVar[str] = "run"
    BINDINGS = bindings("run", checked=True)
    CSS_PATH = "run.tcss"

    def __init__(self, run: str, step: str = "") -> None:
        super().__init__()
        self.run = run
        self._first = step
        self.following = True
        self.zoomed = ""
        self.scale: Scale = "run"
        self.steps = Tree()
        self._presented: tuple[int, str] | None = None
        self._card: Card | None = None

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield Static("works best at 80x24 or larger", id="small", markup=False)
        yield Rows("rail")
        yield Detail()
        yield Graph()
        yield Gate()
        yield KeyBar()

    async def on_mount(self) -> None:
        app = self.understudy
        self.watch_run = RunWatch(app.desk, self.run)
        self.arming = Arming(app.clock)
        self.view = StepView(
            self.query_one(Detail),
            self.watch_run,
            lambda step, n, log: app.bridge.heard(self.run, step, n, log),
            lambda: self.now,
            lambda step, n: app.bridge.heard_at(self.run, step, n),
        )
        rail = self.query_one("#rail", Rows)
        rail.border_title = "steps"
        rail.focus()
        await self._look()
        if not self.state.seq:
            return  # it cannot be read, and why stands there
        self.steps.read(self.state)
        self._aim()
        if self._first in self.state.steps:
            self.look_at(self._first)
        self.show_all()
        every(self, self.understudy.clock, EVERY, self.look_again, "tick")
        every(self, self.understudy.clock, FOLLOW, self._follow, "follow")

    @property
    def state(self) -> RunState:
        return self.watch_run.state

    # What happens in the run

    @on(RunAdvanced)
    def advanced(self, message: RunAdvanced) -> None:
        if message.run == self.run and self.state.seq:  # else it cannot be read, and nothing follows on nothing
            self._advance(self.watch_run.hear(message.events))

    @on(TextArrived)
    def text_arrived(self, message: TextArrived) -> None:
        if message.run == self.run:
            self.view.hear(message)

    @on(JournalStuck)
    def stuck(self, message: JournalStuck) -> None:
        if message.run == self.run:
            words = f"{message.message} {message.hint}".strip()
            self.understudy.tell(f"{words} The run goes on by itself.", "error")

    async def _look(self) -> tuple[Recorded, ...]:
        try:
            return await self.watch_run.look()
        except UnderstudyError as error:
            self.understudy.tell_error(error)
            self._show_unread(error)
            return ()

    def _show_unread(self, error: UnderstudyError) -> None:
        """Say what keeps the run from being shown for as long as nothing of it is; a notice is gone soon."""
        if self.state.seq:
            return
        self.query_one(StatusLine).show([Item(f"run {self.run} cannot be shown", STYLES["bad"])])
        self.query_one(Detail).output.finish("\n".join(filter(None, [error.message, error.hint])), markdown=False)

    async def look_again(self) -> None:
        if self.watch_run.own:
            self.show_all()
        elif not self.state.over:
            self._advance(await self._look())
        else:
            self.refresh_bar()

    async def _follow(self) -> None:
        """Go along with a run that another process drives: its text, then what may end it."""
        if self.watch_run.own or self.state.over:
            return
        self.view.poll()
        if self.watch_run.moved():
            self._advance(await self._look())

    def _advance(self, new: tuple[Recorded, ...]) -> None:
        if new:
            self.steps.read(self.state)
            self._tell_closed()
            self.view.advance(new, self.now)
            if self.following:
                self._aim()
        self.show_all()

    def _tell_closed(self) -> None:
        """Say why what waited here does so no longer, where it was not the person here who answered it."""
        shown = self.query_one(Gate).shown
        if shown is not None and (why := closed_by(self.state, shown.card.entry, self.understudy.person)):
            self.understudy.tell(f"{shown.card.step}: {why}", "warning")

    def on_screen_resume(self) -> None:
        """Back from a box or another screen: keys typed meanwhile were not meant for what waits here."""
        if self.is_mounted and (card := self.card()) is not None:
            self.arming.appeared(self._token(card), again=True)

    # What is shown

    @property
    def now(self) -> float:
        """What time it is for the run: where nobody drives it, its time stands still."""
        return self.state.updated if self.interrupted else self.understudy.clock.now()

    @property
    def interrupted(self) -> bool:
        """Whether it says that it runs, and whoever ran it is gone."""
        return self.watch_run.status == "interrupted"

    def _aim(self) -> None:
        """Put the cursor on what matters: what runs, else what waits for a person, else the run's end."""
        state = self.state
        running = [step for step in state.steps.values() if step.status == "running" and not step.planned.holds_steps]
        if state.over:
            key = THE_RUN
        elif running:
            key = max(running, key=lambda step: step.started or 0).id
        elif self.steps.waiting:
            key = self.steps.waiting[0].asked.step
        else:
            key = self.view.key or THE_RUN
        self.view.show(self.steps.seen_at(key))

    def card(self) -> Card | None:
        """What waits and is shown: of the step on view, else in it, else what comes next in the list."""
        inquiry = self.steps.asked_at(self.view.key)
        if inquiry is None:
            return None
        if self._presented != (at := (self.state.seq, inquiry.asked.entry)):
            card = present_inquiry(self.state, inquiry)
            self._presented, self._card = at, self.understudy.desk.services.code.explained(self.state, card)
        return self._card

    def _token(self, card: Card) -> str:
        return f"{card.entry} {card.digest}"

    def show_all(self) -> None:
        """Bring every part of the screen to where the run stands."""
        if not self.state.seq or not self.understudy.ready:
            return  # it cannot be read, or the services are being put away
        self.steps.read(self.state)
        card, key = self.card(), self.view.key
        asked = self.steps.seen_at(card.step) if card else ""
        tree = self.steps
        state = replace(self.state, status="interrupted") if self.interrupted else self.state
        shape = Shape(
            state,
            self.now,
            self.watch_run.status,
            tree.outline,
            tree.shown(key),
            tree.needing,
            asked,
            tree.lanes,
            self.scale,
            key,
        )
        rail = self.query_one("#rail", Rows)
        rows = rail_rows(shape)
        self.set_class(len(rows) > FEW, "-many")
        rail.show(rows)
        rail.move_to(key)
        rail.keep(asked, first=self.following)
        self.view.refresh(self.now)
        if self.has_class("-graph"):
            self.query_one(Graph).show(state, key, lambda: self.now)
        self._show_gate(card)
        self._show_status()
        self.refresh_bar()

    def _show_status(self) -> None:
        following = None if self.state.over or self.interrupted else self.following
        items = run_items(self.state, self.now, status=self.watch_run.status, following=following)
        if (owner := self.watch_run.other_owner) and self.watch_run.summary:
            silent = silence(self.watch_run.summary, self.understudy.clock.now())
            said = f"driven by {owner}" + (f", silent for {duration(silent)}" if silent else "")
            items.append(Item(said, STYLES["warning"] if silent else "", bar=True))
        if self.interrupted:
            items[STATE] = Item(f"{INTERRUPTED} {stopped_at(self.state)}", STYLES["warning"], kept=True)
        if self.interrupted and self.watch_run.resumable:
            items.append(Item(f"{find('run', 'pause').key} goes on", STYLES["warning"], kept=True, bar=True))
        self.query_one(StatusLine).show(items)

    def _show_gate(self, card: Card | None) -> None:
        gate = self.query_one(Gate)
        if card is None:
            gate.show(None, 0)
            self.remove_class("-crowded")
            self.arming.appeared("")
            self.zoom("" if self.zoomed == "gate" else self.zoomed)
            return
        place = self.steps.place_of(self.state.inquiries[card.entry])
        wanted = wanted_of(self.state, card)
        gate.show(Shown(card, place, len(self.steps.waiting), tuple(self.notes(card)), wanted), self._room())
        left = self.size.height - 2 - gate.wanted(self.size.width)
        self.set_class(self.has_class("-narrow") and left < ROOM, "-crowded")
        if self.app.screen is self:
            self.arming.appeared(self._token(card))

    def _room(self) -> int:
        """Lines that the gate may take: the rail keeps some of a narrow screen, the output some of a wide one."""
        height = self.size.height - 4
        if self.zoomed == "gate":
            return height
        return max(11, height - (6 if self.has_class("-low") else height // 2 - 4))

    def on_resize(self, event: events.Resize) -> None:
        if self.is_mounted and hasattr(self, "view"):
            self.call_after_refresh(self.show_all)

    # What the table asks

    def facts(self) -> set[str]:
        if not self.is_mounted or not hasattr(self, "watch_run"):
            return set()
        found: set[str] = set()
        if (card := self.card()) is not None:
            found |= {f"choice:{choice.name}" for choice in card.choices}
            found |= {"question"} if card.reason == "question" else set()
            found.add("asked")
        found |= self.folding()
        if (self.watch_run.own or self.watch_run.other_owner) and self.view.impatient:
            found.add("impatient")
        if (self.watch_run.own or self.watch_run.other_owner) and not self.state.over:
            found.add("paused" if self.state.paused else "going")
        if self.watch_run.resumable:
            found.add("resumable")
        if self.state.seq:
            found.add("begun")
        if went_wrong(self.state):
            found.add("failed")
        if not self.state.over:
            found.add("unfinished")
            if any(permit.revoked is None for permit in self.state.permits):
                found.add("permitted")
        return found

    def in_bar(self, action: Action) -> bool:
        facts = self.facts()
        beside = {
            "rerun": self.state.over,
            "fix": self.state.over,
            "revoke": "permitted" in facts,
            "retry": "impatient" in facts,
        }
        return super().in_bar(action) or beside.get(action.name, False)

    def label(self, action: Action) -> str:
        if action.name == "pause":
            return "resume" if self.watch_run.resumable else "continue" if self.state.paused else "pause"
        if action.name == "retry" and "impatient" in self.facts():
            return "try now" if self.view.step and self.view.step.retry_at else "begin anew"
        if action.name == "follow":
            return "stop following" if self.following else "follow"
        if action.name == "graph" and self.has_class("-graph"):
            return "list"
        if action.name == "zoom" and self.zoomed:
            return "unzoom"
        return super().label(action)
