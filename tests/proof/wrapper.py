"""Where strace is missing: this process is killed at its N-th write, as Python makes them.

A write is a statement on the journal's write connection, or a function of `os` that changes a file or tells somebody
something. What SQLite does within one statement is out of reach here; that is what strace is for.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from workflows.journal.sqlite.committer import Committer

FUNCTIONS = (
    "write",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "replace",
    "link",
    "unlink",
    "remove",
    "rmdir",
    "mkdir",
)


class Saboteur:
    """Counts writes of every thread, and kills this process at one of them; with 0 it only counts."""

    def __init__(self, fatal: int) -> None:
        self.count = 0
        self._fatal = fatal
        self._lock = threading.Lock()

    def reached(self) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)


def install(fatal: int) -> Saboteur:
    """Wrap this process's writes, from now on."""
    saboteur = Saboteur(fatal)
    for name in FUNCTIONS:
        if hasattr(os, name):
            setattr(os, name, _wrapped(getattr(os, name), saboteur))
    opening = os.open

    def open_(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT:
            saboteur.reached()
        return opening(path, flags, *rest, **more)

    os.open = open_
    execute = Committer.execute

    def execute_(self: Committer, *arguments: Any) -> Any:
        saboteur.reached()
        return execute(self, *arguments)

    Committer.execute = execute_  # type: ignore[method-assign, assignment]  # this process is made to be killed
    return saboteur


def _wrapped(function: Callable[..., Any], saboteur: Saboteur) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **more: Any) -> Any:
        saboteur.reached()
        return function(*arguments, **more)

    return wrapped
