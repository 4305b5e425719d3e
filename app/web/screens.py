"""The screens in a process of their own, for one page of a browser: they are drawn to whoever started it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver

from app.cli.session import person
from app.demo.tour import prepare
from app.ending import code_of, run
from app.paths import find_paths
from app.starting import begin_start
from app.tui.app import Opening, UnderstudyApp
from app.tui.session import show_on


class Pipe(WebDriver):
    """Textual's driver for pages; where whoever started us is gone, the app ends."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._ends = self._loop

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set() and not self._ends.is_closed():
            self._ends.call_soon_threadsafe(self._app.exit, code_of(1))


def main() -> None:
    """Show the screens until the page is closed."""
    begin_start()
    paths = find_paths(os.environ, Path.cwd())
    app = UnderstudyApp(paths, person=person(), demo=prepare)
    os._exit(run(show_on(Pipe, app, Opening(paths))))  # not sys.exit, which waits for threads: one may hang


if __name__ == "__main__":
    main()
