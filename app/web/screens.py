"""The screens in a process of their own, for one page of a browser: they are drawn to whoever started it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from typing import Any

from textual import events
from textual.app import App
from textual.drivers.web_driver import WebDriver

from app.cli.session import person
from app.demo.tour import prepare
from app.ending import run
from app.failures import Exit
from app.paths import find_paths
from app.starting import begin_start
from app.tui.app import Opening, UnderstudyApp
from app.tui.session import show_on

EVERY = 0.2
"""Seconds between looks whether a page takes something again."""

PATIENCE = 1.0
"""Seconds that the end waits for a page to take what is left."""

WAITING = 30
"""Packets that wait for a page at most."""


class Pipe(WebDriver):
    """Textual's driver for pages, whose writing waits for the page; the runs are driven by the same loop.

    Where the page takes no more, frames are left out, and the screen is drawn whole when it does again. Where whoever
    started us is gone, the app ends.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._packets: Queue[bytes | None] = Queue(WAITING)
        self._behind = False
        self._writing = Thread(target=self._pass_on, name="page", daemon=True)
        self._write = self._put  # type: ignore[assignment]  # all packets go this way
        self._writing.start()

    def write(self, data: str) -> None:
        payload = data.encode("utf-8", "replace")
        try:
            self._packets.put_nowait(b"D" + len(payload).to_bytes(4, "big") + payload)
        except Full:
            if not self._behind:
                self._behind = True
                self._loop.call_later(EVERY, self._catch_up)

    def _put(self, packet: bytes) -> None:
        """What must not be left out: that we begin, that we end."""
        with suppress(Full):
            self._packets.put(packet, timeout=PATIENCE)

    def _catch_up(self) -> None:
        if self._packets.empty():
            self._behind = False
            size = self._app.size
            self._app.post_message(events.Resize(size, size))
        else:
            self._loop.call_later(EVERY, self._catch_up)

    def _pass_on(self) -> None:
        with suppress(OSError):  # nobody reads it any more
            while packet := self._packets.get():
                while packet:
                    packet = packet[os.write(self.fileno, packet) :]

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.exit, Exit.HANGUP)

    def close(self) -> None:
        with suppress(Full):
            self._packets.put(None, timeout=PATIENCE)
        self._writing.join(PATIENCE)


def main() -> None:
    """Show the screens until the page is closed."""
    begin_start()
    paths = find_paths(os.environ, Path.cwd())
    app = UnderstudyApp(paths, person=person(), demo=prepare)
    os._exit(run(show_on(Pipe, app, Opening(paths))))  # not sys.exit, which waits for threads: one may hang


if __name__ == "__main__":
    main()
