"""A started program with all that it starts: how it is found, started, watched and ended."""

from __future__ import annotations

import asyncio
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from skills import launch
from workflows.errors import fail

GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""

_SECONDS_TO_END = 6.0
"""How long we wait for what was sent SIGKILL, by a keeper that may have to wait for its turn on a busy machine: without
it, what hides from us is not found."""


class Process:
    """A started program, and whatever it starts or leaves behind. Belongs to the loop that started it.

    `keeper` is the process of `skills.launch` that stands between. `exited` is done when the program itself has ended,
    whatever still holds its pipes. `exit` is the exit code then, or minus the signal. `not_run` says why the program
    could not be run at all; empty where it was.
    """

    def __init__(self, keeper: subprocess.Popen[bytes], marker: str, lifeline: int, report: int) -> None:
        self._keeper, self._marker = keeper, marker
        self._lifeline, self._report = lifeline, report
        self._pid = self._since = 0
        self._heard = b""
        self._silent = False
        self._loop = asyncio.get_running_loop()
        self.exit: int = -signal.SIGKILL
        self.not_run = ""
        self.exited: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(report, self._hear)

    async def end(self, grace: float = GRACE) -> None:
        """End all that is left: SIGTERM, and SIGKILL after `grace` seconds. Where it is cancelled, SIGKILL at once."""
        try:
            if self._lifeline >= 0 and self._alive():
                self._terminate()
                deadline, pause = self._loop.time() + grace, 0.005
                while self._alive() and self._loop.time() < deadline:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 0.1)
        finally:
            self.kill()

    def kill(self) -> None:
        """End all that is left, now, without awaiting anything. May be called again."""
        if self._lifeline < 0:
            return
        os.close(self._lifeline)  # the keeper ends all that is below it, then itself
        self._lifeline = -1
        self._keeper.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + _SECONDS_TO_END
        word = select.poll()
        word.register(self._report)
        while not self._silent and time.monotonic() < deadline:
            word.poll(100)
            self._hear()
        if not self._silent:
            self._keeper.kill()  # what is below it is stuck in the kernel: it dies when that lets go of it
        self._keeper.wait()
        if self._keeper.returncode != 0 and self._pid:
            deadline = time.monotonic() + 1.0  # it was killed: what can be found without it is ended
            while launch.members(self._pid, self._marker, self._since) and time.monotonic() < deadline:
                launch.end_all(self._pid, self._marker, self._since)
                time.sleep(0.001)
        self._loop.remove_reader(self._report)
        os.close(self._report)
        self._note_exit()

    def _alive(self) -> bool:
        if sys.platform == "linux":
            return bool(self._members())
        try:
            if self._pid:
                os.killpg(self._pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return bool(self._pid)

    def _members(self) -> list[int]:
        if self._silent:
            return launch.members(self._pid, self._marker, self._since) if self._pid else []
        return launch.descendants(self._keeper.pid)

    def _terminate(self) -> None:
        pids = self._members()
        try:
            if self._pid:
                os.killpg(self._pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            pass  # nobody left in the group
        for pid in pids:
            try:
                if os.getpgid(pid) != self._pid:
                    os.kill(pid, signal.SIGTERM)
            except (ProcessLookupError, PermissionError):
                pass  # gone meanwhile

    def _hear(self) -> None:
        """Take in what the keeper says. Where it says nothing more, it is gone."""
        try:
            said = os.read(self._report, 4096)
        except BlockingIOError:
            return
        *lines, self._heard = (self._heard + said).split(b"\n")
        for line in lines:
            word, _, rest = line.decode("utf-8", "replace").partition(" ")
            if word == "pid":
                self._pid = int(rest)
                self._since = launch.started(self._pid)
            elif word == "failed":
                self.not_run = rest
            elif word == "exit":
                self.exit = int(rest)
                self._note_exit()
        if not said:
            self._silent = True
            self._loop.remove_reader(self._report)
            self._note_exit()

    def _note_exit(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)


def start(
    argv: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    stdout: int,
    stderr: int,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Process:
    """Start a program. Nothing is awaited, so no cancellation can lose it. The caller must `end` or `kill` it.

    Raises CallFailed: `dependency` where the program is not there or cannot be run, `validation` where argv or cwd
    cannot be used.
    """
    program = find(argv, cwd, environ)
    if not cwd.is_dir():
        raise fail("validation", f"{cwd} is not a folder, so {argv[0]} cannot run there")
    marker = secrets.token_hex(16)
    with ExitStack() as ours, ExitStack() as theirs:
        lifeline, report = os.pipe(), os.pipe()
        for end in (lifeline[0], report[1]):
            theirs.callback(os.close, end)
        for end in (lifeline[1], report[0]):
            ours.callback(os.close, end)
        os.set_blocking(report[0], False)
        numbers = (lifeline[0], report[1], int("LC_CTYPE" in environ))
        launcher = [sys.executable, "-I", "-S", launch.__file__, *map(str, numbers)]
        try:
            popen = subprocess.Popen(  # noqa: S603  # argv without a shell is what this module is for
                [*launcher, marker, program, *argv],
                cwd=cwd,
                env=dict(environ),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                pass_fds=(lifeline[0], report[1], *pass_fds),
            )
        except OSError as error:
            raise fail("dependency", f"cannot start {argv[0]}: {error.strerror}") from None
        except ValueError as error:
            raise fail("validation", f"cannot start {argv[0]!r}: {error}") from None
        ours.pop_all()
        return Process(popen, marker, lifeline[1], report[0])


def find(argv: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> str:
    """The file of a program: by its path from `cwd`, else on the PATH, whose relative entries do not count.

    Raises CallFailed: `validation` for an argv that no program can have, `dependency` where it is not there.
    """
    if not argv or not argv[0]:
        raise fail("validation", "there is no program to run", "argv is a list: the program, then its arguments")
    if any("\0" in word for word in argv):
        raise fail("validation", "an argument holds a NUL character, which no program can be given")
    name = argv[0]
    if os.sep in name:
        path = cwd / name
        found = str(path) if path.is_file() and os.access(path, os.X_OK) else None
    else:
        entries = [entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
        found = shutil.which(name, path=os.pathsep.join(entries))
    if found is None:
        hint = f"is it installed, and on the PATH? No shell is used: `{name}` has to be a program"
        raise fail("dependency", f"there is no program '{name}'", hint)
    return found
