"""Getting about: which screen is shown, and what is asked before leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from app.tui.modals.choices import Choices, Option
from app.tui.modals.help import Help
from app.tui.outlets import Outlets
from app.tui.stage import Stage
from app.tui.theme import NAMES
from composer.versions import Versions
from workflows.errors import UnderstudyError
from workflows.journal.port import Query, Waiting
from workflows.values import Json

if TYPE_CHECKING:
    from app.paths import Paths
    from app.tui.app import UnderstudyApp
    from composer.search import Candidate


class Navigation(Outlets):
    """What the table's actions do that are legal everywhere. The app says what there is to go to."""

    waiting: tuple[Waiting, ...] = ()
    versions: Versions
    _seen = ""
    """The run looked at last."""
    person: str
    own: Paths
    """Of the workspace that the program was started in."""

    def do_help(self) -> None:
        if isinstance(self.screen, Stage):
            self.push_screen(Help(self.screen.WHERE, self.screen.facts()))

    def do_palette(self) -> None:
        self.action_command_palette()

    def do_home(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def do_back(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def do_quit(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.do_leave()

    def do_workflows(self) -> None:
        from app.tui.screens.workflows import WorkflowsScreen

        self._go_to(WorkflowsScreen)

    def do_compose(self) -> None:
        from app.tui.screens.compose import ComposeScreen

        self._go_to(ComposeScreen)

    async def do_run(self) -> None:
        """The run looked at last, or the newest one. Where its screen lies below others, those are left."""
        from app.tui.screens.run import RunScreen

        if any(isinstance(screen, RunScreen) for screen in self.screen_stack):
            while not isinstance(self.screen, RunScreen):
                self.pop_screen()
            return
        newest = [summary.run_id for summary in await self.desk.runs(Query(limit=1))]
        known = [summary.run_id for summary in await self.desk.runs(Query(ids=(self._seen,)))] if self._seen else []
        if not (found := [*known, *newest]):
            self.tell("No run yet: 1 goes to where one begins.")
            return
        await self.open_run(found[0])

    def do_history(self) -> None:
        from app.tui.screens.history import HistoryScreen

        self._go_to(HistoryScreen)

    def do_skills(self) -> None:
        from app.tui.screens.skills import SkillsScreen

        self._go_to(SkillsScreen)

    def do_setup(self) -> None:
        from app.tui.screens.setup import SetupScreen

        self._go_to(SetupScreen)

    def do_analytics(self) -> None:
        from app.tui.screens.analytics import AnalyticsScreen

        self._go_to(AnalyticsScreen)

    def do_monitor(self) -> None:
        from app.tui.screens.monitor import MonitorScreen

        self._go_to(MonitorScreen)

    def do_schedules(self) -> None:
        from app.tui.screens.schedules import SchedulesScreen

        self._go_to(SchedulesScreen)

    def _go_to(self, place: type[Stage]) -> None:
        """Show a screen that there is one of: where it lies below others, those are left."""
        if not self.ready:
            self.tell("The journal is not open yet. Wait a moment.", "warning")
            return
        if not any(isinstance(screen, place) for screen in self.screen_stack):
            self.push_screen(place())
        while not isinstance(self.screen, place):
            self.pop_screen()

    def do_theme(self) -> None:
        self.choose_theme(NAMES[(NAMES.index(self.theme) + 1) % len(NAMES)] if self.theme in NAMES else NAMES[0])

    def choose_theme(self, name: str) -> None:
        """Use these colours from now on, also the next time. Raises UnderstudyError where they cannot be kept."""
        from app.tui.kept_theme import keep_theme

        self.theme = name
        keep_theme(self.own.config, name)
        self.tell(f"colours: {name}")

    async def compose_from(self, candidate: Candidate) -> None:
        """A draft of this workflow, beside what may be drafted already."""
        from app.tui.screens.compose import ComposeScreen

        self.do_compose()
        if isinstance(screen := self.screen, ComposeScreen):
            await screen.begin_from(candidate)

    async def fix_run(self, run: str) -> None:
        """A change of the workflow whose run failed, proposed as a draft beside what may be drafted already."""
        from app.tui.screens.compose import ComposeScreen

        self.do_compose()
        if isinstance(screen := self.screen, ComposeScreen):
            screen.fix(run)

    async def do_attend(self) -> None:
        """The next thing that waits; again from there, the one after it."""
        from app.tui.screens.run import RunScreen

        if not self.waiting:
            self.tell("Nothing needs you.")
            return
        places = [(entry.run_id, entry.step) for entry in self.waiting]
        here = (self.screen.run, self.screen.view.key) if isinstance(self.screen, RunScreen) else None
        run, step = places[(places.index(here) + 1) % len(places)] if here in places else places[0]
        await self.open_run(run, step)

    async def open_run(self, run: str, step: str = "") -> None:
        """Show a run. Another run's screen is replaced, not covered."""
        from app.tui.screens.run import RunScreen

        self._seen = run
        if isinstance(self.screen, RunScreen):
            if self.screen.run != run:
                await self.switch_screen(RunScreen(run, step))
            elif step:
                self.screen.look_at(step)
        else:
            await self.push_screen(RunScreen(run, step))

    async def open_form(
        self,
        name: str,
        given: dict[str, Json] | None = None,
        why: dict[str, str] | None = None,
        *,
        at_inputs: bool = False,
    ) -> None:
        """Show what a workflow needs and would do, with the cursor in its inputs where that is wanted.

        One that cannot be read is told of.
        """
        from app.tui.screens.form import FormScreen

        try:
            file = self.desk.load(name)
        except UnderstudyError as error:
            self.tell_error(error)
            return
        await self.push_screen(FormScreen(file, given or {}, why or {}, at_inputs=at_inputs))

    def do_leave(self) -> None:
        """Out of the program; what would be lost, or goes on, is not left without a word."""
        if not self.versions.has_unsaved_work:
            self._leave_runs()
            return

        def taken(name: str | None) -> None:
            if name is not None:
                self._leave_runs()

        option = Option("leave", "x", "leave without it", "what you wrote is gone", deliberate=True)
        text = "`3` goes to it, `s` saves it there."
        self.push_screen(Choices("a draft that you edited is not saved", text, (option,)), taken)

    def _leave_runs(self) -> None:
        from app.tui.leaving import leave_runs

        leave_runs(cast("UnderstudyApp", self))
