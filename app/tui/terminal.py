"""The terminal as the screens are written to it: one that is gone or takes nothing must not hold up the runs."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Full
from typing import Any

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

EVERY = 0.2
"""Seconds between looks whether a terminal takes something again."""

PATIENCE = 1.0
"""Seconds that the end waits for a terminal to take what is left."""

AS_BEFORE = "\x1b[?2026l\x1b[<u" + "".join(
    f"\x1b[?{mode}" for mode in ["2004l", "7h", "2048l", "1000l", "1003l", "1015l", "1006l", "1049l", "25h", "1004l"]
)
"""Undoes what Textual's driver sets, in the order in which it does."""


class Terminal(LinuxDriver):
    """Textual's driver, whose writing waits for the terminal; the runs are driven by the same loop.

    Where the terminal takes no more, frames are left out, and the screen is drawn whole when it does again. Where it is
    gone, nothing is written any more, and the app ends.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = Surface()
        self._behind = False
        self._away = self._came_back = self._drawn = False

    def start_application_mode(self) -> None:
        self._drawn = True
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual annotates no more of it

    def stop_application_mode(self) -> None:
        self._drawn = False
        super().stop_application_mode()

    def go_to_shell(self) -> bool:
        """Stop, as Ctrl-Z does elsewhere, until the shell lets us go on. False where there is none that could."""
        self._away, self._came_back = True, False
        drawn = self._drawn
        if drawn:
            self.suspend_application_mode()
        try:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            # The whole job, with what may stand between the shell and us. Where no shell has the job, nothing happens.
            os.kill(0, signal.SIGTSTP)
        finally:
            signal.signal(signal.SIGTSTP, self._sigtstp_application)
            if drawn:
                self._must_signal_resume = True
                self.resume_application_mode()
            self._away = False
        return self._came_back

    @contextmanager
    def lent(self, word: str) -> Iterator[None]:
        """The terminal is another program's for a while. Nothing is drawn; the loop, and with it the runs, go on.

        `word` is left on the terminal, for a program that has a window of its own. Ctrl-Z stops it and us together,
        Ctrl-C is its own.
        """
        self._away, drawn = True, self._drawn
        if drawn:
            self.suspend_application_mode()
            say(word)
        # Not ignored: what is started would ignore it too.
        before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        try:
            yield
        finally:
            signal.signal(signal.SIGTSTP, self._sigtstp_application)
            for number, handler in before.items():
                signal.signal(number, handler)
            if drawn:
                self._must_signal_resume = True
                self.resume_application_mode()
            self._away = False

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._told_to_stop)

    def _told_to_stop(self) -> None:
        if not self._away and self._auto_restart:
            self.go_to_shell()

    def _sigcont_application(self, *_: object) -> None:
        self._came_back = True
        self._soon(self._told_to_go_on)

    def _told_to_go_on(self) -> None:
        if not self._away and self._auto_restart and self._drawn:
            # We were stopped without a warning, and whoever had the terminal meanwhile may have left it otherwise.
            self.suspend_application_mode()
            self.resume_application_mode()

    def _soon(self, act: Callable[[], None]) -> None:
        """Not at once: a signal comes in the middle of anything, such as a write whose lock the act would wait for."""
        if not self._away and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def write(self, data: str) -> None:
        if self._writer_thread is None:
            return
        try:
            self._writer_thread._queue.put_nowait(data)
        except Full:
            if not self._behind:
                self._behind = True
                self._loop.call_later(EVERY, self._catch_up)

    def _catch_up(self) -> None:
        if self._writer_thread is None:
            return
        if self._writer_thread._queue.empty():
            self._behind = False
            size = self._app.size
            self._app.post_message(events.Resize(size, size))
        else:
            self._loop.call_later(EVERY, self._catch_up)

    def run_input_thread(self) -> None:
        try:
            super().run_input_thread()
        except OSError:
            # The terminal is gone. Where there is a shell, SIGHUP says so too.
            self._loop.call_soon_threadsafe(self._app.exit, 129)

    def close(self) -> None:
        writer, self._writer_thread = self._writer_thread, None
        if writer is None:
            return
        try:
            writer._queue.put(None, timeout=PATIENCE)
        except Full:
            return
        writer.join(PATIENCE)

    def give_back(self) -> None:
        """Put the terminal as it was, at once, whatever loop and threads are at; nothing is drawn afterwards."""
        self._file.gone = True
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return
        say(AS_BEFORE)


class Surface:
    """What the driver's thread writes to. The thread must not die of a terminal that is gone."""

    gone = False

    def write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        while data and not self.gone:
            try:
                data = data[os.write(_fileno(), data) :]
            except BlockingIOError:
                select.select([], [_fileno()], [])  # somebody else made it so
            except OSError:
                self.gone = True

    def flush(self) -> None:
        pass  # nothing is held back

    def fileno(self) -> int:
        return _fileno()


def say(text: str) -> None:
    """Write to the terminal without a screen: narration, where it can be written at once."""
    try:
        if select.select([], [_fileno()], [], PATIENCE)[1]:
            os.write(_fileno(), text.encode("utf-8", "replace"))
    except (OSError, ValueError):
        pass  # nobody reads it any more


def _fileno() -> int:
    assert sys.__stderr__ is not None
    return sys.__stderr__.fileno()
