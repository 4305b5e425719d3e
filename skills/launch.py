"""Stands between us and every program we start, so that none outlives its call. Run as a script, by its path.

It is the keeper: the program's parent, for as long as the call lasts. It
- adopts whatever the program leaves behind (Linux: PR_SET_CHILD_SUBREAPER), so that all that the program starts, in
  whatever session and with whatever environment, stays below it and can be found;
- holds one end of a pipe whose other end only we have. Where that ends, because the call is over or because we were
  killed, it kills all that is below it until nothing is, and ends itself.

It tells us three things, a line each: `pid N`, `exit N` and, where the program cannot be run, `failed WHY`.

The marker is an environment variable of the program and of what it starts: what finds them where the keeper itself was
killed. Nothing of ours is imported here, and little else: starting this takes about 15 ms.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator

MARKER = "UNDERSTUDY_CALL"
"""The environment variable that a started program and all its descendants carry."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_KERNEL_THREAD = 0x00200000


def members(group: int, marker: str, since: int = 0) -> list[int]:
    """Live processes of a process group, and those that carry the marker. Needs /proc; empty without it.

    `since` (a start time as in /proc/<pid>/stat) leaves out what is older than the program.
    """
    mark = f"{MARKER}={marker}".encode()
    return [
        pid
        for pid, status in _processes()
        if status.started >= since and (status.group == group or _carries(pid, mark))
    ]


def descendants(ancestor: int) -> list[int]:
    """Live processes below a process, at any depth. Needs /proc; empty without it.

    One that loses its parent meanwhile may be missed: ask until there is none.
    """
    children: dict[int, list[int]] = {}
    for pid, status in _processes():
        children.setdefault(status.parent, []).append(pid)
    found = list(children.get(ancestor, ()))
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def started(pid: int) -> int:
    """When a process was started, in the kernel's ticks; 0 where that is not known."""
    status = _status(pid)
    return status.started if status else 0


class _Status:
    """One line of /proc/<pid>/stat. The name in brackets may hold anything, so it is cut off."""

    def __init__(self, line: bytes) -> None:
        fields = line.rpartition(b")")[2].split()
        self.parent, self.group, self.started = int(fields[1]), int(fields[2]), int(fields[19])
        self.lives = fields[0] not in (b"Z", b"X") and not int(fields[6]) & _KERNEL_THREAD


def _status(pid: int) -> _Status | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return _Status(file.read())
    except OSError:
        return None


def _processes() -> Iterator[tuple[int, _Status]]:
    """Every process but zombies and the kernel's own threads."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdigit() and (status := _status(int(name))) is not None and status.lives:
            yield int(name), status


def _carries(pid: int, mark: bytes) -> bool:
    for _ in range(5):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environ = file.read()
        except OSError:
            return False  # another user's, or gone
        if environ:
            return mark in environ.split(b"\0")
        time.sleep(0.001)  # in the middle of an exec there is no environment for a moment
    return False


def end_all(group: int, marker: str, since: int = 0) -> None:
    """Send SIGKILL to a process group and to all that carry the marker."""
    _kill(group, members(group, marker, since))


def _kill(group: int, pids: list[int]) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # the group is empty, or its last member is a zombie (macOS)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # gone meanwhile, or has become another user


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


class _Keeper:
    """The parent of the program, and of all that the program leaves behind."""

    def __init__(self, program: int, lifeline: int, report: int) -> None:
        self._program, self._lifeline, self._report = program, lifeline, report

    def keep(self, woken: int) -> None:
        """Report the program's end; once the lifeline ends, end all. `woken` is readable when a child has ended."""
        self._say(f"pid {self._program}")
        waiting = select.poll()
        for number in (self._lifeline, woken):
            waiting.register(number, select.POLLIN)
        ready: set[int] = set()
        while self._lifeline not in ready:
            self._reap()
            ready = {number for number, _ in waiting.poll()}
            if woken in ready:
                os.read(woken, 4096)
        pause = 0.0005
        while True:
            _kill(self._program, descendants(os.getpid()))
            if not self._reap():
                return
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def _reap(self) -> bool:
        """Whether there are still children. Where there are none, nothing is left at any depth."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == self._program:
                    self._say(f"exit {os.waitstatus_to_exitcode(status)}")
        except ChildProcessError:
            return False

    def _say(self, line: str) -> None:
        try:
            os.write(self._report, f"{line}\n".encode())
        except BrokenPipeError:
            pass  # we were killed


def _close_all_but(*kept: int) -> None:
    """What the program was given must not be held open here."""
    last = -1
    for number in sorted(kept):
        os.closerange(last + 1, number)
        last = number
    os.closerange(last + 1, 65536)


def main() -> None:
    lifeline, report, has_locale = (int(number) for number in sys.argv[1:4])
    marker, program, *argv = sys.argv[4:]
    if not has_locale:
        os.environ.pop("LC_CTYPE", None)  # Python itself sets it where no locale is
    _control(_PR_SET_CHILD_SUBREAPER, 1)
    for number in (lifeline, report):
        os.set_inheritable(number, False)
    woken, wake = os.pipe()
    for number in (woken, wake):
        os.set_blocking(number, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    over = select.poll()
    over.register(lifeline, select.POLLIN)
    if over.poll(0):
        os._exit(0)  # the call has been ended already
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        _become(program, argv, {**os.environ, MARKER: marker}, keeper, report)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _close_all_but(lifeline, report, woken, wake)
    _Keeper(child, lifeline, report).keep(woken)
    os._exit(0)


def _become(program: str, argv: list[str], environ: dict[str, str], keeper: int, report: int) -> None:
    os.setsid()
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:  # it died before the kernel was asked
        os._exit(1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what is ignored stays so after exec
    try:
        os.execve(program, argv, environ)  # noqa: S606  # no shell is the point
    except OSError as error:
        os.write(report, f"failed {error.strerror}\n".encode())
    os._exit(127)


if __name__ == "__main__":
    main()
