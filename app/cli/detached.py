"""A run with a process of its own: one that lets go of the terminal as soon as the run is durable.

The process is split before anything is opened. The new one starts the run as `run` does, so that what keeps it from
starting is told in the foreground. Then it tells the run's id to the first one, and lets go.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TextIO

from app.ending import code_of
from workflows.journal.files import make_folder, open_private
from workflows.journal.port import StoreError
from workflows.records import dataclass

MOST_FILES = 65_536
"""File descriptors that are looked at for what the one who started us left open."""


@dataclass(frozen=True)
class Begun:
    """What the first process learns: the run, its process, where that narrates, and why it waits for its turn."""

    run: str
    pid: int
    log: Path
    queued: str


class Own:
    """The new process until it lets go. `log` takes the narration: a file that only its owner can read."""

    def __init__(self, pipe: int, folder: Path) -> None:
        self._pipe = pipe
        self._folder = folder
        self._path = folder / f"starting-{os.getpid()}"
        try:
            make_folder(folder)
            self.log: TextIO = os.fdopen(open_private(self._path, os.O_WRONLY | os.O_APPEND), "w", encoding="utf-8")
        except OSError as error:
            raise StoreError(
                f"The run's narration cannot be kept in {folder}: {error.strerror}.", "Make the folder writable."
            ) from None

    def let_go(self, run: str, queued: str = "") -> None:
        """Go on alone: in a session of its own, without terminal and input, whatever becomes of them.

        `queued` says why the run has not begun yet, where that is so.
        """
        kept = self._folder / run
        make_folder(kept)
        path = next(path for number in count(1) if not (path := kept / f"narration.{number}.log").exists())
        self._path = self._path.rename(path)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for number in (1, 2):
            os.dup2(self.log.fileno(), number)
        told, self._pipe = self._pipe, -1
        try:
            os.write(told, json.dumps({"run": run, "pid": os.getpid(), "log": str(path), "queued": queued}).encode())
        except BrokenPipeError:
            # Whoever wanted the run is gone, and nobody would learn of it: it stops in good order, to be resumed.
            os.kill(os.getpid(), signal.SIGTERM)
        os.close(told)

    def close(self) -> None:
        """Leave no empty file behind where nothing was begun."""
        if self._pipe >= 0:
            self._path.unlink(missing_ok=True)


def split(folder: Path) -> Own | Begun | int:
    """Make the new process: there it gives an Own; here what that began, or the exit code with which it ended."""
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.closerange(3, writing)
        os.closerange(writing + 1, MOST_FILES)
        return Own(writing, folder)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read()
    if told:
        found = json.loads(told)
        return Begun(found["run"], found["pid"], Path(found["log"]), found["queued"])
    # It has said what kept it from owning a run, or that it need not.
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else code_of(-status)
