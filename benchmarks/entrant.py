"""A contestant from outside: its process, what it is asked, and how long whole processes of it take."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PATIENCE = 180.0
"""Seconds that one measurement may take. Whoever takes longer is left out of that row."""

LOOKING = 0.001
"""Seconds between looks at how far a chain that is to be killed has come."""


class LeftOut(Exception):
    """A contestant could not do a row. The message says why."""


@dataclass(frozen=True)
class Profile:
    """A contestant as listed: `keeps` is what it makes durable at each step, `durable` whether it does anything so.

    `rows` are those that it can do, all where it is empty. `environ` chooses a variant of one file.
    """

    name: str
    title: str
    file: str
    keeps: str = ""
    durable: bool = True
    rows: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return HERE / self.file

    @property
    def goes_on(self) -> bool:
        """Whether a run that was killed goes on where it was."""
        return self.durable and (not self.rows or "killed" in self.rows)

    @property
    def environment(self) -> str:
        """The name of the virtual environment and of the file that pins it; empty for this project's own."""
        return self.path.stem if self.path.parent.name == "peers" else ""


class Entrant:
    """One contestant with a folder of its own. Unasked it stands still (SIGSTOP): others are alone then."""

    def __init__(self, profile: Profile, python: Path, folder: Path) -> None:
        self.profile = profile
        self.folder = folder
        self._python = python
        self._server: subprocess.Popen[bytes] | None = None
        self._whole: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def pid(self) -> int:
        return self._serving().pid

    def ask(self, do: str, folder: str = "main", **sizes: int) -> dict[str, Any]:
        """Have its process do something and give back the reply. Raises LeftOut."""
        server = self._serving()
        assert server.stdin is not None
        assert server.stdout is not None
        self._signal(signal.SIGCONT)
        request = {"do": do, "folder": str(self.folder / folder), "sizes": sizes}
        try:
            server.stdin.write(json.dumps(request).encode() + b"\n")
            server.stdin.flush()
            if not select.select([server.stdout], [], [], PATIENCE)[0]:
                self.close()
                raise LeftOut(f"took longer than {PATIENCE:.0f} s")
            line = server.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.close()
            raise LeftOut(f"its process ended: {self._said()}")
        reply = json.loads(line)
        if "error" in reply:
            raise LeftOut(reply["error"])
        self._signal(signal.SIGSTOP)
        answer: dict[str, Any] = reply
        return answer

    def seconds(self, do: str, expected: int, folder: str = "main", **sizes: int) -> float:
        """How long something takes in its process. Raises LeftOut, also where it came to anything but `expected`."""
        reply = self.ask(do, folder, **sizes)
        if reply["result"] != expected:
            raise LeftOut(f"came to {reply['result']}, not {expected}")
        taken: float = reply["seconds"]
        return taken

    def process(self) -> float:
        """Seconds that a run of one step takes, from nothing to the end of the process."""
        return self.whole(self.command("once", self.folder / "process", 1))

    def killed(self, steps: int) -> tuple[float, int]:
        """Kill a long chain half way. Seconds that a whole process takes to finish it, and finished steps repeated."""
        folder = self.folder / "killed"

        def begin() -> list[str]:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            return self.command("begin", folder, steps)

        self.kill_when(begin, lambda: len(_ran(folder)) >= steps // 2)
        before = _ran(folder)
        seconds = self.whole(self.command("resume", folder, steps))
        # The last one was maybe not finished: the kill may have come before its record.
        return seconds, len(set(before[:-1]) & set(_ran(folder)[len(before) :]))

    def kill_when(self, begin: Callable[[], Sequence[str]], reached: Callable[[], bool]) -> None:
        """Start a command and kill it as soon as it came to a point; one that was quicker than that is begun anew.

        Raises LeftOut where it cannot be killed there.
        """
        for _ in range(3):
            process = self._whole = self._start(begin())
            until = time.monotonic() + PATIENCE
            while not (there := reached()) and process.poll() is None and time.monotonic() < until:
                time.sleep(LOOKING)
            self._kill(process)
            if there and process.returncode == -signal.SIGKILL:
                return
        raise LeftOut(f"the chain to be killed did not come half way: {self._said()}")

    def command(self, what: str, *rest: object) -> list[str]:
        return [str(self._python), "-P", str(HERE / "contest.py"), str(self.profile.path), what, *map(str, rest)]

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of this process's environment but the path."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "DO_NOT_TRACK": "1",
            **self.profile.environ,
        }

    def close(self) -> None:
        """End whatever of it still runs."""
        if self._whole is not None and self._whole.poll() is None:
            self._kill(self._whole)
        if self._server is not None:
            self._signal(signal.SIGCONT)
            self._kill(self._server)
            self._server = None

    def _serving(self) -> subprocess.Popen[bytes]:
        if self._server is None:
            self._server = self._start(self.command("serve"), pipes=True)
        return self._server

    def whole(self, command: Sequence[str]) -> float:
        """Seconds that a command takes. Raises LeftOut where it fails."""
        began = time.perf_counter()
        process = self._whole = self._start(command)
        # Not `wait` with a limit, which looks only every 50 ms.
        over = os.pidfd_open(process.pid)
        try:
            ended, _, _ = select.select([over], [], [], PATIENCE)
        finally:
            os.close(over)
        taken = time.perf_counter() - began
        if not ended:
            self._kill(process)
            raise LeftOut(f"took longer than {PATIENCE:.0f} s")
        code = process.wait()
        self._kill(process)  # what it left behind would be in the way of the next
        if code:
            raise LeftOut(f"ended with {code}: {self._said()}")
        return taken

    def _start(self, command: Sequence[str], *, pipes: bool = False) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE if pipes else None
        # Not the same home: what stands still may hold a lock on what it keeps there.
        home = self.folder / ("served" if pipes else "process")
        home.mkdir(exist_ok=True)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environ, "HOME": str(home)},
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or log,
                stderr=log,
                start_new_session=True,  # so that what it starts itself stands still and ends with it
            )

    @property
    def _log(self) -> Path:
        return self.folder / "said.log"

    def _said(self) -> str:
        """The last line of what its processes said."""
        lines = self._log.read_text(errors="replace").split("\n") if self._log.exists() else []
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it said nothing")

    def _signal(self, number: signal.Signals) -> None:
        if self._server is not None and self._server.poll() is None:
            os.killpg(self._server.pid, number)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it is over
        process.wait()


def _ran(folder: Path) -> list[int]:
    """The numbers of the steps that were done, in order; of one that is written just now, nothing."""
    try:
        return [int(line) for line in (folder / "ran").read_text().split("\n")[:-1]]
    except FileNotFoundError:
        return []
