"""What the screens have in common: breakpoints, the key bar, and actions that the table allows or explains."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events, on
from textual.screen import Screen

from app.tui.actions import EVERYWHERE, Action, actions, find, shown_key
from app.tui.modals.frame import Modal
from app.tui.widgets.key_bar import Hint, KeyBar
from app.tui.widgets.rows import Rows
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.tui.app import UnderstudyApp

T = TypeVar("T")

KEPT = ("help", "back", "quit")
"""Actions whose keys are told on every screen, however narrow it is."""

SCREENS = ("home", "monitor")
"""The first and the last of the screens that have a key of their own."""


class Stage(Screen[None]):
    """A screen. `WHERE` is its place in the table of actions; the action `name` is the method `do_<name>`."""

    WHERE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (120, "-wide")]  # noqa: RUF012  # Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-low"), (34, "-high")]  # noqa: RUF012  # Textual's type

    @property
    def understudy(self) -> UnderstudyApp:
        return cast("UnderstudyApp", self.app)

    def facts(self) -> set[str]:
        """What is so on this screen now, in the words of the table's `needs`."""
        return set()

    async def look_again(self) -> None:
        """Read what this screen shows anew."""

    def label(self, action: Action) -> str:
        """What the key bar calls an action here and now."""
        # A box over the first screen is none that one came from.
        below = sum(isinstance(screen, Stage) for screen in self.app.screen_stack) > 1
        return "back" if action.name == "quit" and below else action.label

    def opens(self) -> str:
        """What enter does in the list that has the focus, for the key bar; empty where that is plain."""
        return ""

    def in_bar(self, action: Action) -> bool:
        """Whether the key bar has an action that can be done here and now. Where one is, nobody need be told to go."""
        return action.bar and action.id != f"{EVERYWHERE}.{self.WHERE}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What comes first everywhere does not where somebody types: there its key is a letter of the text."""
        typing = self.focused is not None and self.focused.check_consume_key("a", "a")
        if typing and action == "act" and find(self.WHERE, str(parameters[0])).first:
            return False
        return super().check_action(action, parameters)

    async def action_act(self, name: str) -> None:
        await self.act(find(self.WHERE, name))

    async def act(self, action: Action) -> None:
        """Do an action of this screen, or say why not. What goes wrong is told, and nothing else happens."""
        if why_not := action.illegal(self.facts()):
            self.understudy.tell(f"{action.label}: {why_not}", "warning")
            return
        try:
            done: Any = getattr(self, f"do_{action.name}")()
            if inspect.isawaitable(done):
                await done
        except UnderstudyError as error:
            self.understudy.tell_error(error)

    def ask(self, modal: Modal[T], then: Callable[[T | None], Awaitable[None]]) -> None:
        """Put a box on top, and go on with what it is dismissed with."""

        async def told(result: T | None) -> None:
            try:
                await then(result)
            except UnderstudyError as error:
                self.understudy.tell_error(error)

        self.app.push_screen(modal, told)

    def refresh_bar(self) -> None:
        """Show the keys that do something now. Those that the focused field would take as text are not among them."""
        if not self.is_mounted:
            return
        # A field that has the focus takes some keys for itself.
        ours = (self, self.app)
        active = {key for key, found in self.active_bindings.items() if found.enabled and found.node in ours}
        facts = self.facts()
        typing = find(EVERYWHERE, "quit").keys[0] not in active
        hints = []
        for action in (*actions(self.WHERE), *actions(EVERYWHERE)):
            # While a field takes letters as text, another key may still do it.
            key = next((key for key in action.keys if key in active), "")
            # Then esc is the way back, and it is told once.
            wanted = action.name == "back" if typing and action.name in ("back", "quit") else self.in_bar(action)
            if key and wanted and not action.illegal(facts):
                hints.append(Hint(key, self.label(action), action.where == EVERYWHERE and action.name in KEPT))
        if (opens := self.opens()) and isinstance(self.focused, Rows) and self.focused.key:
            hints.insert(0, Hint("enter", opens))
        if not typing:
            first, last = (find(EVERYWHERE, name).keys[0] for name in SCREENS)
            place = next((at for at, hint in enumerate(hints) if hint.key in find(EVERYWHERE, "quit").keys), len(hints))
            # There is a key for each screen; the palette names them.
            palette = find(EVERYWHERE, "palette").keys[0]
            hints.insert(place, Hint(palette, "screens", shown=f"{shown_key(first)}-{shown_key(last)}"))
        for bar in self.query(KeyBar):
            bar.show(hints)

    @on(events.Mount)
    def begin(self) -> None:
        """Keep the key bar in step with what has the focus."""
        self.bindings_updated_signal.subscribe(self, lambda _: self.refresh_bar())
        self.call_after_refresh(self.refresh_bar)
