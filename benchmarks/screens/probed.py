"""The screens with a probe in them: `python -P probed.py REPORT [WORKFLOW]`, in the workspace, in a terminal.

The program is the one that people use, with its own terminal driver. The probe notes when the first frame was drawn,
how late the event loop was, when keys reached what they are for, and what text the screens got. With a workflow it is
run at once, as the demo is.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from textual.message import Message

from app.paths import find_paths
from app.tui.app import Opening, UnderstudyApp
from app.tui.bridge import TextArrived
from app.tui.demo import Demo
from app.tui.session import show
from app.tui.widgets.rows import Rows

EVERY = 0.005
"""Seconds that the probe sleeps between two looks at the clock: what it oversleeps is the loop's lag."""

REPORTED = {"j": Rows.action_cursor_down, "k": Rows.action_cursor_up}


class Probed(UnderstudyApp):
    """Notes what happens, and writes it down when it is over. Times are the machine's monotonic clock's, in seconds."""

    # By their whole paths: names are looked for beside the class.
    CSS_PATH = [Path(inspect.getfile(UnderstudyApp)).parent / path for path in UnderstudyApp.CSS_PATH]  # noqa: RUF012  # the type is Textual's

    def __init__(self, report: Path, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._report = report
        self.noted: dict[str, Any] = {"lags": [], "keys": [], "memory": []}
        self._texts: dict[str, Any] = {}

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self._first_frame)
        self.run_worker(self._watch(), exit_on_error=False)

    def _first_frame(self) -> None:
        self.noted["first_frame"] = time.monotonic()
        self.noted["loaded"] = [name for name in ("litellm", "mcp") if name in sys.modules]

    async def _watch(self) -> None:
        process = psutil.Process()
        while True:
            self.noted["memory"].append((time.monotonic(), process.memory_info().rss / 1e6))
            await self._watch_lag(0.25)

    async def _watch_lag(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = time.monotonic()
            await asyncio.sleep(EVERY)
            now = time.monotonic()
            self.noted["lags"].append((now, now - before - EVERY))

    def _deliver(self, message: Message) -> None:
        if isinstance(message, TextArrived) and not message.log:
            self._texts.setdefault(message.step, hashlib.sha256()).update(message.text.encode())
            self.noted.setdefault("first_text", time.monotonic())
            self.noted["last_text"] = time.monotonic()
        super()._deliver(message)

    def write_down(self) -> None:
        self.noted["texts"] = {step: text.hexdigest() for step, text in self._texts.items()}
        self._report.write_text(json.dumps(self.noted))


def noting(probed: Probed, key: str, act: Callable[[Any], None]) -> Callable[[Any], None]:
    def acted(self: Any) -> None:
        probed.noted["keys"].append((key, time.monotonic()))
        act(self)

    return acted


def main(report: str, workflow: str = "") -> int:
    paths = find_paths(os.environ, Path.cwd())
    probed = Probed(Path(report), paths, person="bench")
    for key, act in REPORTED.items():
        setattr(Rows, act.__name__, noting(probed, key, act))
    try:
        return show(probed, Opening(paths, Demo(paths, workflow, "") if workflow else None))
    finally:
        probed.write_down()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
