"""Stands between us and every program we start, so that none outlives us. Run as a script, by its path.

It becomes the program (`exec`), after it has
- asked the kernel to kill it when we die (Linux), and
- left a watcher behind: a process that holds one end of a pipe whose other end only we have. Where that pipe ends
  without a word, we were killed, and the watcher ends the program's whole group and whatever carries its marker.

The marker is an environment variable: a child that gave itself a session of its own (`setsid`) still carries it.
Nothing of ours is imported here, and little else: starting this takes about 15 ms.
"""

from __future__ import annotations

import os
import signal
import sys
import time

MARKER = "UNDERSTUDY_CALL"
"""The environment variable that a started program and all its descendants carry."""

_PR_SET_PDEATHSIG = 1
_KERNEL_THREAD = 0x00200000


def members(group: int, marker: str, since: int = 0) -> list[int]:
    """Live processes of a process group, and those that carry the marker. Needs /proc; empty without it.

    `since` (a start time as in /proc/<pid>/stat) leaves out what is older than the program.
    """
    mark = f"{MARKER}={marker}".encode()
    found = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdigit():
            continue
        status = _status(name)
        if status is None or status[0] in "ZX" or status[2] < since:
            continue
        if status[1] == group or _carries(name, mark):
            found.append(int(name))
    return found


def started(pid: int) -> int:
    """When a process was started, in the kernel's ticks; 0 where that is not known."""
    status = _status(str(pid))
    return status[2] if status else 0


def _status(name: str) -> tuple[str, int, int] | None:
    """State, process group and start time of a process; None for one that is gone, and for the kernel's own threads.

    The name in brackets may hold anything, so it is cut off.
    """
    try:
        with open(f"/proc/{name}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    if int(fields[6]) & _KERNEL_THREAD:
        return None
    return fields[0].decode(), int(fields[2]), int(fields[19])


def _carries(name: str, mark: bytes) -> bool:
    for _ in range(5):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                environ = file.read()
        except OSError:
            return False  # another user's, or gone
        if environ:
            return mark in environ.split(b"\0")
        time.sleep(0.001)  # in the middle of an exec there is no environment for a moment
    return False


def end_all(group: int, marker: str, since: int = 0) -> None:
    """Send SIGKILL to a process group and to all that carry the marker."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # the group is empty, or its last member is a zombie (macOS)
    for pid in members(group, marker, since):
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # gone meanwhile, or has become another user


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def _leave_watcher(lifeline: int, report: int, marker: str) -> None:
    """Fork twice, so that the watcher is no child of the program to come.

    It keeps `report` open: once that ends, the watcher too is gone.
    """
    group = os.getpid()
    since = started(group)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork():
        os._exit(0)
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    first, last = sorted((lifeline, report))
    os.closerange(0, first)
    os.closerange(first + 1, last)
    os.closerange(last + 1, 65536)
    if os.read(lifeline, 1) == b"":
        for _ in range(20):
            end_all(group, marker, since)
            if not members(group, marker, since):
                break
    os._exit(0)


def main() -> None:
    parent, lifeline, report, has_locale = (int(number) for number in sys.argv[1:5])
    marker, program, *argv = sys.argv[5:]
    if not has_locale:
        os.environ.pop("LC_CTYPE", None)  # Python itself sets it where no locale is
    _die_with_parent(parent)
    _leave_watcher(lifeline, report, marker)
    os.set_inheritable(lifeline, False)
    os.set_inheritable(report, False)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and what is ignored stays so after exec
    try:
        os.execve(program, argv, {**os.environ, MARKER: marker})  # noqa: S606  # no shell is the point
    except OSError as error:
        os.write(report, str(error.strerror).encode())
    os._exit(127)


if __name__ == "__main__":
    main()
