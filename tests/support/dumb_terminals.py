"""A program on a pseudo-terminal that can show lines and no more, and a person who types at it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable

from tests.support.command_line import PROGRAM, CommandLine


class Terminal:
    """A program on a real pseudo-terminal, and what it has shown so far."""

    def __init__(self, line: CommandLine, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        environ = {**line.environment, "TERM": "dumb"}
        self.process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=line.cwd,
            env=environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def wait_for(self, words: str, seconds: float = 120) -> str:
        """Read until the words are shown; what came since the last ones. Raises AssertionError if they never are."""
        start = self._seen
        self.until(lambda shown: words in shown[start:], repr(words), seconds)
        self._seen = self.shown.index(words, start) + len(words)
        return self.shown[start : self._seen]

    def until(self, enough: Callable[[str], bool], what: str, seconds: float = 120) -> None:
        """Read until what is shown in all is enough. Raises AssertionError if it never is."""
        deadline = time.monotonic() + seconds
        while not enough(self.shown):
            ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            try:
                chunk = os.read(self.master, 65536) if ready else b""
            except OSError:
                chunk = b""
            assert chunk, f"never shown: {what} in\n{self.shown}"
            self.shown += chunk.decode().replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode() + b"\n")

    def end(self) -> int:
        """Read to the end; the exit code. Raises AssertionError where it does not come."""
        deadline = time.monotonic() + 120
        while True:
            ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"it has not ended:\n{self.shown}"
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.shown += chunk.decode().replace("\r\n", "\n")
        os.close(self.master)
        return self.process.wait(60)
