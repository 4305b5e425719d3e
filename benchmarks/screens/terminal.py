"""One start of the probed screens in a terminal of its own, and what the probe noted."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.terminals import Terminal

PROBED = Path(__file__).parent / "probed.py"
HEEDED = 0.3
"""Seconds between two keys: each is looked at before the next."""


@dataclass(frozen=True)
class Noted:
    """What the probe wrote down, in seconds of the machine's monotonic clock, and when keys were pressed."""

    began: float
    pressed: Sequence[tuple[str, float]]
    found: Mapping[str, Any]

    @property
    def first_frame(self) -> float:
        return float(self.found["first_frame"]) - self.began

    def lags(self, since: float = 0.0, until: float = float("inf")) -> list[float]:
        return [lag for at, lag in self.found["lags"] if since <= at <= until]

    def grown(self, since: float) -> float:
        """MB that the process grew by after this moment, at most."""
        before = [size for at, size in self.found["memory"] if at <= since][-1]
        return float(max(size for _, size in self.found["memory"]) - before)

    def latencies(self) -> list[float]:
        """From the press to what the key does, for each key that was pressed."""
        reached = list(self.found["keys"])
        assert [key for key, _ in reached] == [key for key, _ in self.pressed], "a key was lost"
        return [at - pressed for (_, at), (_, pressed) in zip(reached, self.pressed, strict=True)]


@dataclass
class Sitting:
    """Somebody at the terminal."""

    terminal: Terminal
    pressed: list[tuple[str, float]] = field(default_factory=list)

    def press(self, key: str) -> None:
        self.pressed.append((key, time.monotonic()))
        self.terminal.press(key.encode())

    def type(self, keys: str) -> float:
        """Keys that nobody measures; when they were typed."""
        at = time.monotonic()
        self.terminal.press(keys.encode())
        return at

    def leave(self) -> None:
        """Out of what lies over the screen, then one back, and from the first screen out."""
        for key in ("\x1b", "\x11"):  # Ctrl-Q: a field takes letters as text
            self.type(key)
            time.sleep(HEEDED)

    def press_until(self, text: bytes, keys: str = "jk") -> None:
        """Press keys in turns until this is on the screen."""
        number = 0
        while text not in self.terminal.said:
            self.press(keys[number % len(keys)])
            number += 1
            time.sleep(HEEDED)

    def shows(self, text: bytes, since: int = 0) -> float:
        """Wait until this was written after so many bytes; when it was."""
        self.terminal.until(lambda: text in self.terminal.said[since:])
        return time.monotonic()

    @property
    def said(self) -> int:
        return len(self.terminal.said)


class Room:
    """A workspace and a home, and the probed screens in them."""

    def __init__(self, folder: Path) -> None:
        self.work, self.home = folder / "work", folder / "home"
        for each in (self.work, self.home):
            each.mkdir(parents=True)
        self._report = folder / "noted.json"
        self.noted: Noted | None = None

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH",)}
        return {
            **kept,
            "HOME": str(self.home),
            "UNDERSTUDY_HOME": str(self.home / "understudy"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }

    @contextmanager
    def opened(self, workflow: str = "") -> Iterator[Sitting]:
        """The screens, and who sits there; left with `q` at the end. `noted` is set then."""
        began = time.monotonic()
        terminal = Terminal([sys.executable, "-P", PROBED, self._report, workflow], self.environ, self.work)
        sitting = Sitting(terminal)
        try:
            yield sitting
            # However busy it is, it leaves in the end.
            terminal.until_ended(sitting.leave)
            terminal.end()
        finally:
            terminal.close()
        self.noted = Noted(began, sitting.pressed, json.loads(self._report.read_text()))
        self._report.unlink()


def p95(figures: Sequence[float]) -> float:
    return statistics.quantiles(figures, n=20)[-1] if len(figures) > 1 else figures[0]
