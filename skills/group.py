"""A started program with its process group: how it is found, started, watched and ended."""

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


class Process:
    """A started program, its process group, and whatever it left elsewhere. Belongs to the loop that started it.

    `exited` is done when the program itself has ended, whatever still holds its pipes. `not_run` says, after `end` or
    `kill`, why the program could not be run at all; empty where it was.
    """

    def __init__(self, popen: subprocess.Popen[bytes], marker: str, lifeline: int, report: int) -> None:
        self._popen, self._marker = popen, marker
        self._lifeline, self._report = lifeline, report
        self._since = launch.started(popen.pid)
        self._loop = asyncio.get_running_loop()
        self._pidfd = -1
        self.not_run = ""
        self.exited: asyncio.Future[None] = self._loop.create_future()
        try:
            self._pidfd = os.pidfd_open(popen.pid)
            self._loop.add_reader(self._pidfd, self._note_exit)
        except (AttributeError, OSError):
            self._poll_exit()  # macOS, or a sandbox without pidfd

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit(self) -> int:
        """The exit code, once everything has ended."""
        return self._popen.returncode if self._popen.returncode is not None else -signal.SIGKILL

    async def end(self, grace: float = GRACE) -> None:
        """End all that is left: SIGTERM, and SIGKILL after `grace` seconds. Where it is cancelled, SIGKILL at once."""
        try:
            if self._alive():
                self._signal(signal.SIGTERM)
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
        deadline = time.monotonic() + 1.0
        while self._alive() and time.monotonic() < deadline:
            launch.end_all(self.pid, self._marker, self._since)
            time.sleep(0.001)
        try:
            self._popen.wait(1.0)
        except subprocess.TimeoutExpired:
            pass  # stuck in the kernel: it dies when that lets go of it
        self._note_exit()
        try:
            self.not_run = os.read(self._report, 1000).decode("utf-8", "replace")
        except BlockingIOError:
            pass  # it is still there, stuck in the kernel
        try:
            os.write(self._lifeline, b".")  # the watcher may go
        except BrokenPipeError:
            pass  # it never came to be
        os.close(self._lifeline)
        gone = select.poll()
        gone.register(self._report)
        gone.poll(500)  # it hangs up once the watcher has gone
        os.close(self._report)
        self._lifeline = self._report = -1

    def _alive(self) -> bool:
        if sys.platform == "linux":
            return bool(launch.members(self.pid, self._marker, self._since))
        if self._popen.poll() is None:
            return True
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # nobody left in the group
        for pid in launch.members(self.pid, self._marker, self._since):
            try:
                if os.getpgid(pid) != self.pid:
                    os.kill(pid, number)
            except (ProcessLookupError, PermissionError):
                pass  # gone meanwhile

    def _note_exit(self) -> None:
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        if not self.exited.done():
            self.exited.set_result(None)

    def _poll_exit(self) -> None:
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            self._note_exit()
        elif not self.exited.done():
            self._loop.call_later(0.02, self._poll_exit)


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

    To be called in the thread of the running loop: the kernel ends the program where that thread ends (Linux).

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
        numbers = (os.getpid(), lifeline[0], report[1], int("LC_CTYPE" in environ))
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
