"""Seeing which processes are alive, from outside: by an environment variable that they inherited."""

from __future__ import annotations

import os
import secrets
import signal
from pathlib import Path

VARIABLE = "TEST_MARK"


class Mark:
    """A variable to put into a program's environment, and the live processes that carry it."""

    def __init__(self) -> None:
        self.value = secrets.token_hex(16)
        self.environ = {VARIABLE: self.value}

    def alive(self) -> list[str]:
        """The command lines of live processes that carry the mark; zombies have no environment and are none."""
        return alive_with(f"{VARIABLE}={self.value}")


def alive_with(setting: str) -> list[str]:
    """The command lines of live processes that have this variable with this value."""
    wanted = setting.encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def as_in_a_shell() -> None:
    """What is run in the background by a script ignores these, and a program that we start would go on to.

    Give it to Popen as `preexec_fn`.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def environment(mark: Mark) -> dict[str, str]:
    """PATH and HOME, and the mark."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **mark.environ}
