"""A terminal that a person sits at, with a shell's job control: what is written to it, and how it was left."""

from __future__ import annotations

import fcntl
import os
import pty
import secrets
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import job_shell

ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"
LIMIT = 120.0
"""Seconds after which a test gives up."""


class Terminal:
    """A terminal of 100x30, and one command in it. `said` is all that was written to it so far."""

    def __init__(self, argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> None:
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before, path = termios.tcgetattr(other), os.ttyname(other)
        report, control = os.pipe(), os.pipe()
        shell = [sys.executable, "-I", "-S", job_shell.__file__, str(report[1]), str(control[0])]
        self._shell = subprocess.Popen(
            [*shell, *map(str, argv)],
            stdin=other,
            stdout=other,
            stderr=other,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
            pass_fds=(report[1], control[0]),
        )
        for number in (other, report[1], control[0]):
            os.close(number)
        self._main, self._report, self._control = main, report[0], control[1]
        self._hung_up, self._over = os.pipe()
        self.said = b""
        self._reads = True
        self._read_out = False
        self._path = path
        self._told: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pid = int(self._next("pid "))

    @property
    def attributes(self) -> list[Any]:
        """The terminal's modes now, as `stty -a` shows them."""
        return termios.tcgetattr(self._main)

    @property
    def text(self) -> str:
        return self.said.decode(errors="replace")

    @property
    def hides_cursor(self) -> bool:
        return self.said.rfind(b"\x1b[?25l") > self.said.rfind(b"\x1b[?25h")

    @property
    def in_alternate_screen(self) -> bool:
        return self.said.rfind(ALTERNATE) > self.said.rfind(BACK)

    def until(self, text: bytes | Callable[[], bool]) -> None:
        """Wait until this was written to the terminal, or this is so."""
        end = time.monotonic() + LIMIT
        while not (text in self.said if isinstance(text, bytes) else text()):
            with self._news:
                self._news.wait(0.02)
            assert time.monotonic() < end, self.said[-3000:].decode(errors="replace")
            ended = [line for line in self._told if line.startswith("ended")]
            assert not ended or (isinstance(text, bytes) and text in self.said), (ended, self.said[-3000:].decode())

    def press(self, keys: bytes) -> None:
        """What a person types."""
        os.write(self._main, keys)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass  # it has ended meanwhile

    @contextmanager
    def not_reading(self) -> Iterator[None]:
        """As long as this lasts the terminal takes nothing, as after Ctrl-S, or over a connection that stands still."""
        with self._news:
            self._reads = False
        try:
            yield
        finally:
            with self._news:
                self._reads = True

    def hang_up(self) -> None:
        """Close the terminal, as a window is closed or a connection breaks."""
        os.write(self._over, b"x")
        self._reader.join()
        os.close(self._main)
        self._main = -1
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def heeds(self, number: signal.Signals) -> bool:
        """Whether the program has a handler for a signal by now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

    def suspend(self) -> None:
        """What Ctrl-Z does where the terminal minds it; wait until the program has stopped."""
        os.killpg(self.pid, signal.SIGTSTP)
        self.suspended()

    def suspended(self) -> None:
        """Wait until the program has stopped."""
        self._next("stopped")
        self._catch_up()

    def foreground(self) -> None:
        """Let a stopped program go on, as `fg` does."""
        os.write(self._control, b"\n")

    def until_ended(self, meanwhile: Callable[[], None]) -> None:
        """Do something again and again until the program has ended."""
        end = time.monotonic() + LIMIT
        while not any(line.startswith("ended") for line in self._told):
            assert time.monotonic() < end, self.text[-3000:]
            meanwhile()
            with self._news:
                self._news.wait(0.02)

    def end(self) -> int:
        """Wait for the program's end; its exit code, minus the signal where one killed it."""
        code = int(self._next("ended "))
        self._catch_up()
        return code

    def _catch_up(self) -> None:
        """Wait until all that was written to the terminal was read: it is handed over by the kernel at its leisure."""
        if self._main < 0 or not self._reads:
            return
        mark = b"\x00" + secrets.token_hex(8).encode()
        end = time.monotonic() + LIMIT
        try:
            other = os.open(self._path, os.O_WRONLY | os.O_NOCTTY)
            os.write(other, mark)
            os.close(other)
        except OSError:
            pass  # nobody has it open any more, so that what is read comes to an end
        with self._news:
            while mark not in self.said and not self._read_out:
                self._news.wait(0.5)
                assert time.monotonic() < end, self.said[-3000:].decode(errors="replace")
            self.said = self.said.replace(mark, b"")

    def close(self) -> None:
        """Leave nothing behind."""
        if self._shell.poll() is None:
            self.signal(signal.SIGKILL)
            self._shell.kill()
        self._shell.wait()
        os.write(self._over, b"x")
        self._reader.join()
        for number in (self._main, self._report, self._control, self._hung_up, self._over):
            if number >= 0:
                os.close(number)

    def _next(self, word: str) -> str:
        end = time.monotonic() + LIMIT
        with self._news:
            while not (found := [line for line in self._told if line.startswith(word)]):
                self._news.wait(0.5)
                assert time.monotonic() < end, (word, self._told, self.said[-3000:].decode(errors="replace"))
            self._told.remove(found[0])
        return found[0].removeprefix(word)

    def _read(self) -> None:
        sources = [number for number in (self._main, self._report, self._hung_up) if number >= 0]
        heard = b""
        while self._hung_up in sources:
            wanted = [number for number in sources if self._reads or number != self._main]
            for number in select.select(wanted, [], [], 0.05)[0]:
                try:
                    data = os.read(number, 65536)
                except OSError:
                    data = b""  # nobody has the terminal open any more
                if number == self._hung_up or not data:
                    sources.remove(number)
                with self._news:
                    if number == self._main:
                        self.said += data
                        self._read_out |= not data
                    elif number == self._report:
                        *lines, heard = (heard + data).split(b"\n")
                        self._told += [line.decode() for line in lines]
                    self._news.notify_all()
