"""What every command needs: the folders of this process, the services while it works, and who is asking."""

from __future__ import annotations

import asyncio
import getpass
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app.cli.output import Output
from app.ending import code_of, heed, run
from app.paths import Paths, find_paths
from app.starting import end_start
from workflows.errors import UnderstudyError

if TYPE_CHECKING:
    from app.container import Journal
    from app.desk import Desk

T = TypeVar("T")


def here() -> Paths:
    """The folders of this process. Raises UnderstudyError where the working folder is gone."""
    try:
        return find_paths(os.environ, Path.cwd())
    except FileNotFoundError:
        raise UnderstudyError("The folder you are in no longer exists.", "Change to one that does.") from None


@asynccontextmanager
async def open_desk(
    paths: Paths | None = None, *, trusted: bool = False, hot: bool = False, journal: Journal = "write"
) -> AsyncIterator[Desk]:
    """The desk, with its services open until the block ends. `trusted`: the workspace is trusted by this process.

    `hot`: skills and agents are read anew when they are edited, for a process that is there for long.
    `journal` is what the command wants of it: one that only looks works where nothing can be written.
    """
    from app.container import open_services
    from app.desk import Desk
    from app.logs import start_log

    paths = paths or here()
    start_log(paths.logs)
    async with open_services(paths, os.environ, trusted=trusted, hot=hot, journal=journal) as services:
        end_start()
        yield Desk(services)


@asynccontextmanager
async def open_desk_of(run: str, *, unfinished: bool = False, hot: bool = False) -> AsyncIterator[Desk]:
    """The desk as it is in the folder that a run works in, wherever the command was typed. Raises RunUnknown.

    With `unfinished`, `last` is the newest run that is not over. `hot`: as with `open_desk`.
    """
    paths = here()
    async with open_desk(paths, hot=hot) as desk:
        state = await desk.state(await desk.unfinished(run) if unfinished else run)
        root = Path(state.root)
        demo = bool(state.simulated) and _is_private(root)
        if root == paths.root and not demo:
            yield desk
            return
    async with open_desk(replace(paths, root=root), trusted=demo, hot=hot) as desk:
        yield desk


def _is_private(folder: Path) -> bool:
    """Whether nobody else can have put anything into a folder, as into the one that a demo made."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do the work of a command to its end.

    A signal that ends the program cancels it, so that what is open is closed in good order; then SystemExit is raised.
    """
    stopped: list[int] = []

    async def heeding() -> T:
        task = asyncio.current_task()
        assert task is not None

        def stop(number: signal.Signals) -> None:
            stopped.append(number)
            task.cancel()

        heed(stop)
        return await work

    try:
        return run(heeding())
    except asyncio.CancelledError:
        if not stopped:
            raise
        Output().say("Stopped.")
        raise SystemExit(code_of(stopped[0])) from None


def person() -> str:
    """The name that answers are recorded under: the login name, or the number of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def somebody_is_here() -> bool:
    """Whether a person can be asked: stdin and stdout are terminals."""
    return sys.stdin.isatty() and sys.stdout.isatty()
