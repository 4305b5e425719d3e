"""The application: shows a frame first, is given its services when they are open, and tells screens what happens."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.message import Message
from textual.notifications import Notification, SeverityLevel

from app.desk import Desk
from app.failures import explain
from app.named_workflows import WorkflowFile
from app.paths import Paths
from app.present.reloads import Reloads
from app.remarks import Remarks
from app.tui.actions import EVERYWHERE, Action, bindings, find
from app.tui.attention import RESTORE_TITLE, SAVE_TITLE, Attention, title, title_sequence
from app.tui.background import NotOpen, every, in_background
from app.tui.bridge import Bridge, RunAdvanced
from app.tui.demo import Demo, Prepare
from app.tui.kept_theme import kept_theme
from app.tui.messages import InboxChanged, Reloaded, ServicesFailed, ServicesOpened, WorkflowsListed
from app.tui.navigation import Navigation
from app.tui.no_color import no_color
from app.tui.palette import ActionCommands
from app.tui.screens.home import HomeScreen
from app.tui.theme import THEMES
from app.tui.tour import Tour
from app.tui.trust import ask_trust
from composer.versions import Versions
from workflows.clock import Clock, SystemClock
from workflows.errors import CallFailed, UnderstudyError
from workflows.journal.port import StoreError
from workflows.records import dataclass
from workflows.text import safe_text

if TYPE_CHECKING:
    from app.container import Services
    from app.trial import Tried

_log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between looks at what waits, and at who has which run."""

FOLLOW = 0.2
"""Seconds between looks at whether any process has written anything: only then the lists are read."""

GATHER = 0.2
"""Seconds for which files that are read again are gathered, and told of together."""

RELOADS = 3
"""Files that are named in one notice."""

TOASTS = 3
"""Notices that are shown at once."""


@dataclass(frozen=True)
class Opening:
    """Services for a workspace: the user's, or a demo's own, which is trusted."""

    paths: Paths
    demo: Demo | None = None


class UnderstudyApp(Navigation):
    """Holds the desk and what every screen needs. Made, run and given its services by `app.tui.session`."""

    TITLE = "understudy"
    CSS_PATH = ["app.tcss", "screens/home.tcss"]  # noqa: RUF012  # Textual's type; it loads no default screen's own
    BINDINGS = bindings(EVERYWHERE, checked=True)
    COMMANDS = {ActionCommands}  # noqa: RUF012  # the type is Textual's
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        paths: Paths,
        *,
        person: str,
        clock: Clock | None = None,
        demo: Prepare | None = None,
        open_run: str | None = None,
    ) -> None:
        with no_color() as wanted:
            # Without colours there is only the terminal's own one, and what is bold or the other way round.
            super().__init__(ansi_color=wanted or None)
        # Over SSH each frame of a movement is paid for, and nothing here needs one.
        self.animation_level = "none"
        self.paths = self.own = paths
        """Of the workspace that is worked in, and of the one that the program was started in."""
        self.person = person
        self.clock: Clock = clock or SystemClock()
        self.prepare_demo = demo
        self.reloads = Reloads(self.clock)
        self.tried: dict[str, Tried] = {}
        """What came of models that were tried since the program began, by their names."""
        self.workflows: tuple[WorkflowFile, ...] = ()
        self.versions = Versions()
        self.first_frame = asyncio.Event()
        self.openings: asyncio.Queue[Opening | None] = asyncio.Queue()
        """Services that are wanted next; None when the program is to end."""
        self.own_keys: Mapping[str, tuple[str, ...]] = {}
        """The keys that actions have instead of the table's, by action id."""
        self.kept_running: tuple[str, ...] = ()
        """Runs that are to go on without the screens, in processes of their own."""
        self._open_run = open_run
        self._attention = Attention()
        self._reloaded: list[tuple[str, bool]] = []
        self._toasts: list[Notification] = []
        self._desk: Desk | None = None
        self._mark: object = self
        self._bridge: Bridge | None = None
        self._end_reloads: Callable[[], None] = lambda: None
        self.tour: Tour | None = None

    def get_default_screen(self) -> HomeScreen:
        return HomeScreen()

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = kept_theme(self.own.config)
        self.call_after_refresh(self.first_frame.set)
        self.write_title(SAVE_TITLE + title_sequence(title(())))
        every(self, self.clock, EVERY, self._look, "inbox")
        every(self, self.clock, FOLLOW, self._follow, "follow")

    def on_unmount(self) -> None:
        self.write_title(RESTORE_TITLE)

    # Services

    @property
    def ready(self) -> bool:
        """Whether the services are open."""
        return self._desk is not None

    @property
    def desk(self) -> Desk:
        """What can be done. Raises NotOpen before the services are open."""
        if self._desk is None:
            raise NotOpen("The journal is not open yet.", "Wait a moment.")
        return self._desk

    @property
    def remarks(self) -> Remarks:
        """What there is to say of runs in lists. Raises NotOpen before the services are open."""
        assert self.desk
        return self._remarks

    @property
    def bridge(self) -> Bridge:
        assert self._bridge is not None
        return self._bridge

    async def attach(self, desk: Desk, demo: Demo | None = None) -> None:
        """The services are open: go to work with them, for the demo where they are its own."""
        self._desk, self.paths = desk, desk.services.paths
        self._remarks = Remarks(desk)
        self._bridge = Bridge(desk.services.bus, self._deliver, asyncio.get_running_loop().call_later, self.clock.now)
        self._end_reloads = self.reloads.watch(desk.services, self._tell_reload)
        self._take_keys(desk.services.settings.keys)
        self._deliver(ServicesOpened())
        await self._look()
        in_background(self, self.list_workflows, "workflows")
        run, self._open_run = self._open_run, None
        try:
            if run:
                await self.open_run(await desk.services.store.resolve(run))
            if demo is not None:
                await self._begin_demo(demo)
            elif not desk.trusted():
                ask_trust(self)
        except UnderstudyError as error:
            self.tell_error(error)

    def _take_keys(self, wanted: Mapping[str, Sequence[str]]) -> None:
        """Put actions on the keys of the settings, and say what cannot be."""
        if not wanted and not self.own_keys:
            return
        from app.tui.keymap import read_keymap

        found = read_keymap(wanted)
        self.own_keys = found.keys
        self.set_keymap({name: ",".join(keys) for name, keys in found.keys.items()})
        for problem in found.problems:
            self.tell(problem, "error")

    def detach(self) -> None:
        """The services are about to close."""
        self._end_reloads()
        self.bridge.close()
        self._desk = self.tour = None

    def unable(self, error: UnderstudyError) -> None:
        """The services could not be opened."""
        self._deliver(ServicesFailed(error))

    def _deliver(self, message: Message) -> None:
        """Hand a message to the app and to every screen, those below the top one too."""
        for pump in (self, *self.screen_stack):
            pump.post_message(replace(message))  # type: ignore[type-var]  # all of ours are dataclasses

    def flush(self) -> bool:
        """Hand on at once what the bridge has gathered. Whether there was anything."""
        return self._bridge is not None and self._bridge.flush()

    @on(RunAdvanced)
    def run_advanced(self, message: RunAdvanced) -> None:
        in_background(self, self._look, "look")
        if self.tour is not None:
            self.tour.advanced(message.state)

    async def _follow(self) -> None:
        if self._desk is not None and (mark := self._desk.services.store.mark()) != self._mark:
            self._mark = mark
            await self._look()

    async def _look(self) -> None:
        """See what waits for a person, and ring once for what is new."""
        if self._desk is None:
            return
        try:
            waiting = tuple(await self._desk.inbox())
        except StoreError:
            # The next look may do better; what cannot be written or read is told where somebody acts.
            return
        if waiting != self.waiting:
            self.waiting = waiting
            self.write_title(title_sequence(title(waiting)))
        if self._attention.heed(waiting):
            self._ring(self._desk.services)
        self._deliver(InboxChanged(waiting))

    def _ring(self, services: Services) -> None:
        wanted = services.settings.notify
        if wanted != "off":
            self.bell()
        if wanted == "desktop":
            in_background(self, partial(self._show_on_desktop, services.environ), "desktop")

    async def _show_on_desktop(self, environ: Mapping[str, str]) -> None:
        from skills.channels.desktop import show_on_desktop

        try:
            await show_on_desktop(title(self.waiting), self.paths.data, environ)
        except CallFailed as error:
            self.tell(f"{error.failure.message}\n{error.failure.hint}", "warning")

    async def list_workflows(self) -> None:
        """Read the workflow files again, off this thread: they are parsed and checked."""
        if self._desk is None:
            return
        try:
            self.workflows = tuple(await asyncio.to_thread(self._desk.workflows))
        except UnderstudyError as error:
            self.tell_error(error)
        self._deliver(WorkflowsListed(self.workflows))

    def ask_trust(self, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """Ask whether the workspace may act; `then` follows a yes."""
        ask_trust(self, then)

    @property
    def in_demo(self) -> bool:
        """Whether the workspace is the demo's."""
        return self.paths.root != self.own.root

    def reopen(self) -> bool:
        """Read the settings again, and make anew what is made by them. False where something here must end first."""
        if self.in_demo or self.desk.services.engine.drivers:
            return False
        self.openings.put_nowait(Opening(self.paths))
        return True

    def leave_demo(self) -> None:
        """Back to the workspace that the program was started in."""
        self._refuse_under_way()
        self.openings.put_nowait(Opening(self.own))

    def _refuse_under_way(self) -> None:
        if self.desk.services.engine.drivers:
            raise UnderstudyError("Runs are under way here.", "Let them end, or stop them; then change the workspace.")

    async def start_demo(self) -> None:
        """Leave this workspace for the demo's, and run what it has."""
        assert self.prepare_demo is not None
        self._refuse_under_way()
        made = await asyncio.to_thread(self.prepare_demo)
        self.openings.put_nowait(Opening(made.paths, made))

    async def _begin_demo(self, made: Demo) -> None:
        proposal = self.desk.propose(self.desk.load(made.workflow), made.parameters)
        self.tour = Tour(self, made)
        driver = await self.desk.start(proposal, attended=True, simulated=made.label)
        await self.open_run(driver.state.run_id)

    # Telling people

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """A short notice in the corner."""
        self._toast(text, severity)

    def tell_error(self, error: UnderstudyError) -> None:
        """What went wrong, and what to do next."""
        self._toast(explain(error), "error", 10)

    def _toast(self, text: str, severity: SeverityLevel, seconds: float | None = None) -> None:
        """A notice over the screen: one of each text, and never so many that they hide what they are about."""
        text = safe_text(text, limit=2000)
        self._toasts = [toast for toast in self._toasts if not toast.has_expired]
        if len(self._toasts) >= TOASTS or any(toast.message == text for toast in self._toasts):
            self.call_later(self.clear_notifications)  # after those that are on their way
            self._toasts.clear()
        toast = Notification(text, severity=severity, timeout=seconds or self.NOTIFICATION_TIMEOUT)
        self._toasts.append(toast)
        self.notify(text, severity=severity, markup=False, timeout=toast.timeout)

    def _tell_reload(self, text: str, broken: bool) -> None:
        """Told with what else is read again in the same moment: a branch that is switched changes many files."""
        if not self._reloaded:
            self.call_later(self.set_timer, GATHER, self._tell_reloads)  # who calls here is no part of the app
        self._reloaded.append((text, broken))
        self._deliver(Reloaded())
        if self.tour is not None and not broken:
            self.tour.reloaded(text)
        in_background(self, self.list_workflows, "workflows")

    def _tell_reloads(self) -> None:
        told, self._reloaded = sorted(self._reloaded, key=lambda each: not each[1]), []
        lines = [text for text, _ in told[:RELOADS]]
        if (left := len(told) - RELOADS) > 0:
            lines.append(f"and {left} more: 6, then the tab Reloads")
        self.tell("\n".join(lines), "error" if told[0][1] else "information")

    def write_title(self, sequence: str) -> None:
        """Send the terminal what only it sees. Where there is none (tests), nothing happens."""
        if not self.is_headless and self._driver is not None:
            self._driver.write(sequence)

    # Actions

    async def action_act(self, name: str) -> None:
        await self.act(find(EVERYWHERE, name))

    async def act(self, action: Action) -> None:
        """Do an action that is legal everywhere."""
        try:
            done: Any = getattr(self, f"do_{action.name}")()
            if inspect.isawaitable(done):
                await done
        except UnderstudyError as error:
            self.tell_error(error)

    async def action_quit(self) -> None:
        self.do_leave()

    def get_system_commands(self, screen: Any) -> Sequence[Any]:
        return ()

    def _fatal_error(self) -> None:
        """A fault of ours. Not Textual's traceback with local values: `session` says it in words and logs the rest."""
        self._close_messages_no_wait()
