"""What leaves the screens: texts for the clipboard, and the terminal itself, for the shell, an editor or a pager."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from textual import events
from textual.app import App
from textual.notifications import SeverityLevel

from app.clipboard import keep, measure, way_of
from app.desk import Desk
from app.paths import Paths
from app.present.workflow_page import short_path
from app.tui.background import in_background
from app.tui.terminal import Terminal
from workflows.errors import UnderstudyError

ACTING = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}
"""Characters that act on a terminal: nobody means to paste them."""


class Outlets(App[int]):
    """What takes something out of the screens or into them. The app says where it is kept, and how a person is told."""

    paths: Paths

    @property
    def ready(self) -> bool:
        raise NotImplementedError

    @property
    def desk(self) -> Desk:
        raise NotImplementedError

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        raise NotImplementedError

    def tell_error(self, error: UnderstudyError) -> None:
        raise NotImplementedError

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste):
            event.text = event.text.translate(ACTING)
        await super().on_event(event)

    def do_shell(self) -> None:
        """To the shell, until it lets us go on."""
        if isinstance(self._driver, Terminal) and not self._driver.go_to_shell():
            self.tell("No shell waits for you here.")

    def _lent(self, word: str) -> AbstractContextManager[None]:
        """The terminal for another program; runs go on. Raises UnderstudyError where there is none."""
        if self.is_web:
            raise UnderstudyError(
                "A browser is no place for another program.", "On the run screen, `y f` makes a file of it."
            )
        return self._driver.lent(word) if isinstance(self._driver, Terminal) else nullcontext()

    async def edit_file(self, path: Path) -> None:
        """Give the terminal to the person's own editor until it is closed; runs go on. Raises UnderstudyError."""
        from app.editors import edit_file, editor_of

        environ = self.desk.services.environ
        with self._lent(f"{path.name} is open in {editor_of(environ)}. Close it to come back.\n"):
            await edit_file(path, environ)

    async def edit_text(self, name: str, text: str) -> str:
        """A text as it was saved in the person's own editor. The file goes with it. Raises UnderstudyError."""
        from app.editors import file_for, read_saved

        with file_for(name, text) as path:
            await self.edit_file(path)
            return read_saved(path)

    async def page_text(self, name: str, text: str) -> None:
        """Show a text in the person's own pager. The file goes with it. Raises UnderstudyError."""
        from app.editors import file_for, page_file, pager_of

        environ = self.desk.services.environ
        with (
            file_for(name, text) as path,
            self._lent(f"{name} is open in {pager_of(environ)}. Close it to come back.\n"),
        ):
            await page_file(path, environ)

    def copy_to_clipboard(self, text: str) -> None:
        """What was marked with the mouse, or in a field."""
        self.copy(text, "the marked text")

    def copy(self, text: str, what: str, *, to_file: bool = False) -> None:
        """Copy a text where it can be pasted from, and say where that is. `what` is its name."""
        environ = self.desk.services.environ if self.ready else os.environ
        way = "file" if to_file else way_of(environ, text)
        if way == "tmux":
            in_background(self, partial(self._copy_in_tmux, text, what), "copy")
        elif way == "terminal":
            super().copy_to_clipboard(text)
            self.tell(f"Copied {what}: {measure(text)}.")
        else:
            self._keep(text, what, "" if to_file else "This terminal takes no text of this size from programs. ")

    async def _copy_in_tmux(self, text: str, what: str) -> None:
        from app.clipboard import give_to_tmux

        try:
            await give_to_tmux(text, self.desk.services.environ)
        except UnderstudyError as error:
            self._keep(text, what, f"{error.message} ")
        else:
            self.tell(f"Copied {what}: {measure(text)}. tmux has it too: prefix ] pastes it.")

    def _keep(self, text: str, what: str, why: str) -> None:
        path = keep(self.paths.data / "copied", what, text)
        self.tell(f"{why}{what[:1].upper()}{what[1:]} is in {short_path(path)}")
