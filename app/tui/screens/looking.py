"""What a person looks at in a run: which step, which tab, what is unfolded, what fills the screen."""

from __future__ import annotations

from pathlib import Path

from textual import events, on
from textual.widgets import TabbedContent

from app.present.inquiry import Card
from app.present.status import step_badge
from app.tui.modals.find_step import Findable, FindStep
from app.tui.modals.whole import Whole
from app.tui.stage import Stage
from app.tui.step_view import StepView
from app.tui.timeline import SCALES, Scale
from app.tui.tree import Tree
from app.tui.widgets.detail import Detail
from app.tui.widgets.gate import Gate
from app.tui.widgets.graph import Graph
from app.tui.widgets.rows import Rows
from app.tui.widgets.tail import Tail
from app.watch import RunWatch
from app.whole_diff import with_all_lines
from workflows.secrets import shown

TWICE = 0.4
"""Seconds in which a key that is pressed twice is pressed twice."""


class Looking(Stage):
    """The part of the run screen that shows; a class of its own, since Textual finds no handlers in a plain mixin."""

    watch_run: RunWatch
    steps: Tree
    view: StepView
    following: bool
    zoomed: str
    scale: Scale
    _graph_opened = 0.0

    def card(self) -> Card | None:
        raise NotImplementedError

    def show_all(self) -> None:
        raise NotImplementedError

    def _aim(self) -> None:
        raise NotImplementedError

    # Which step

    def look_at(self, step: str) -> None:
        """Put a step on view, because a person chose it: the view no longer goes along with the run."""
        self.following = False
        self.steps.unfold_to(step)
        self.view.show(step)
        self.show_all()

    @on(Rows.Highlighted, "#rail")
    def highlighted(self, event: Rows.Highlighted) -> None:
        self.following = False
        self.view.show(event.key)
        self.show_all()

    @on(Rows.Chosen, "#rail")
    def chosen(self, event: Rows.Chosen) -> None:
        """Open the step: fold it away or show what is inside, where it holds others; else look at its text."""
        if not self.steps.outline.foldable(event.key):
            self.query_one(Detail).focus_pane()
        else:
            self._fold(event.key, not self.steps.is_folded(event.key, event.key))

    def do_next_asked(self) -> None:
        self._go_to_asked(1)

    def do_previous_asked(self) -> None:
        self._go_to_asked(-1)

    def _go_to_asked(self, by: int) -> None:
        if (inquiry := self.steps.next_asked(self.view.key, by)) is not None:
            self.look_at(inquiry.asked.step)

    def do_find(self) -> None:
        """A step by words of its name or state; of many, those that failed."""
        state = self.watch_run.state
        nodes = self.steps.outline.nodes
        steps = [
            Findable(node.address, state.steps[node.address].planned.title, step_badge(state, node.address))
            for node in nodes
        ]

        async def found(step: str | None) -> None:
            if step is not None:
                self.look_at(step)

        self.ask(FindStep(steps), found)

    # All of what waits

    def do_whole(self) -> None:
        """Every line of it in a box of its own; with all lines of the files, where it changes some."""
        if (card := self.card()) is not None:
            self.app.push_screen(Whole(card, lambda: self._around(card)))

    def _around(self, card: Card) -> str:
        state, services = self.watch_run.state, self.understudy.desk.services
        asked = state.inquiries[card.entry].asked
        return services.secrets.redactor.redact(shown(with_all_lines(asked.body, Path(state.root))))

    # The graph

    def do_graph(self) -> None:
        """The graph in the place of list and text, and back. Twice at once it is what it is elsewhere: to the top."""
        now = self.understudy.clock.monotonic()
        if self.has_class("-graph"):
            self._close_graph()
            if now - self._graph_opened < TWICE:
                self.query_one("#rail", Rows).action_first()
            return
        self._graph_opened = now
        self.add_class("-graph")
        self.query_one(Graph).focus()
        self.show_all()
        self.call_after_refresh(self.show_all)

    def _close_graph(self) -> None:
        self.remove_class("-graph")
        self.query_one("#rail", Rows).focus()
        self.show_all()

    @on(Graph.Left)
    def graph_left(self) -> None:
        self._close_graph()

    @on(Graph.Highlighted)
    def node_highlighted(self, event: Graph.Highlighted) -> None:
        self.look_at(event.key)

    @on(Graph.Chosen)
    def node_chosen(self, event: Graph.Chosen) -> None:
        self._close_graph()
        self.look_at(event.key)

    # Folding

    def folding(self) -> set[str]:
        """What can be folded where the cursor is, in the words of the table's `needs`."""
        here = self.view.key
        found = {"folded"} if self.steps.is_folded(here, here) else set()
        return found | ({"foldable"} if self.steps.to_fold(here) else set())

    def do_unfold(self) -> None:
        self._fold(self.view.key, False)

    def do_fold(self) -> None:
        self._fold(self.steps.to_fold(self.view.key), True)

    def _fold(self, step: str, folded: bool) -> None:
        self.following = False
        self.steps.folded[step] = folded
        self.view.show(step)
        self.show_all()

    # Tabs and text

    @on(Rows.Chosen, "#attempt-rows")
    def attempt_chosen(self, event: Rows.Chosen) -> None:
        self.following = False
        self.view.show(self.view.key, int(event.key))
        self.query_one(Detail).open("output")
        self.show_all()

    @on(TabbedContent.TabActivated)
    def tab_opened(self) -> None:
        self.view.fill_tab(self.understudy.clock.now())
        self.query_one(Detail).tell_follow()

    @on(Tail.FollowChanged)
    def follow_changed(self, event: Tail.FollowChanged) -> None:
        if self.view.live:
            self.following = event.following
            self.show_all()
        self.query_one(Detail).tell_follow()

    def do_follow(self) -> None:
        self.following = not self.following
        if (tail := self.query_one(Detail).flowing) is not None:
            tail.follow(self.following)
        if self.following:
            self._aim()
        self.show_all()

    def do_next_tab(self) -> None:
        self.query_one(Detail).turn(1)

    def do_previous_tab(self) -> None:
        self.query_one(Detail).turn(-1)

    # What fills the screen

    def do_scale(self) -> None:
        self.scale = SCALES[(SCALES.index(self.scale) + 1) % len(SCALES)]
        self.show_all()

    def do_zoom(self) -> None:
        wanted = "gate" if self.query_one(Gate).shown is not None else "detail"
        self.zoom("" if self.zoomed else wanted)
        self.show_all()

    def zoom(self, what: str) -> None:
        self.zoomed = what
        self.set_class(what == "gate", "-zoom-gate")
        self.set_class(what == "detail", "-zoom-detail")
        if not what and self.focused is None:
            # What is hidden loses the focus.
            self.query_one("#rail", Rows).focus()

    def on_key(self, event: events.Key) -> None:
        """While something waits, a page scrolls its content; nothing here answers it."""
        gate = self.query_one(Gate)
        page = {"pagedown": gate.page, "pageup": -gate.page}.get(event.key, 0)
        if page and gate.shown is not None and gate.scroll_body(page):
            event.stop()
            event.prevent_default()
