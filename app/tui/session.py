"""Runs the application with its services: opened after the first frame, put away after the screen is gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from textual.driver import Driver

from app.desk import Desk
from app.ending import code_of, heed, run
from app.failures import Exit, explain_fault
from app.logs import start_log
from app.paths import Paths, find_paths
from app.present.run import headline
from app.starting import end_start
from app.tui.app import Opening, UnderstudyApp
from app.tui.demo import Demo, Prepare
from app.tui.terminal import Terminal, say
from workflows.errors import UnderstudyError
from workflows.runs.state import RunState


def run_tui(
    paths: Paths | None = None,
    *,
    person: str,
    open_run: str | None = None,
    demo: Prepare | None = None,
    begin: Demo | None = None,
    mouse: bool = True,
) -> int:
    """Show the screens until the person leaves; the exit code. `person` is who answers, `open_run` what is shown first.

    `paths` are those of the working folder unless given. `demo` makes the demo's workspace; `begin` is one that was
    made, and is run at once. The terminal is as it was afterwards, also where the program has a fault.
    """
    paths = begin.paths if begin else paths or find_paths(os.environ, Path.cwd())
    app = UnderstudyApp(paths, person=person, demo=demo, open_run=open_run)
    return show(app, Opening(paths, begin), mouse=mouse)


def show(app: UnderstudyApp, first: Opening, *, mouse: bool = True) -> int:
    """Run an app on this terminal until the person leaves; the exit code."""
    return run(show_on(Terminal, app, first, mouse=mouse))


async def show_on(driver: type[Driver], app: UnderstudyApp, first: Opening, *, mouse: bool = True) -> int:
    """Run an app on whatever the driver draws to; the exit code. Without `mouse` that is left to the terminal."""
    app.driver_class = driver
    return await _run(app, os.environ, first, mouse=mouse)


async def _run(app: UnderstudyApp, environ: Mapping[str, str], first: Opening, *, mouse: bool) -> int:
    log = start_log(app.paths.logs)
    heed(lambda number: app.exit(code_of(number)), lambda: _give_back(app))
    left: list[RunState] = []
    serving = asyncio.create_task(serve(app, environ, first, left))
    # A fault there must not leave a screen that nothing moves on.
    serving.add_done_callback(lambda task: app.exit(1) if not task.cancelled() and task.exception() else None)
    try:
        code = await app.run_async(mouse=mouse)
    finally:
        app.openings.put_nowait(None)
        if not app.first_frame.is_set():  # it ended before there was anything to serve
            serving.cancel()
        await _stopped(serving, app)
    for state in left:
        say(f"{headline(state, state.updated)}\n")
        if not state.over:
            kept = state.run_id in app.kept_running
            say(await _keep_running(state.run_id, app, environ) if kept else _resumed_with(state.run_id))
    if (fault := app._exception) is not None:
        say(f"{explain_fault(fault, log)}\n")
        return Exit.FAILED
    return code if code is not None else app.return_code or 0


def _resumed_with(run: str) -> str:
    return f"  go on with: understudy resume {run}\n"


async def _keep_running(run: str, app: UnderstudyApp, environ: Mapping[str, str]) -> str:
    """Let a process of its own go on with a run; what came of that, in words."""
    from app.handover import hand_over

    try:
        process = await asyncio.to_thread(hand_over, run, app.paths.root, environ)
    except UnderstudyError as error:
        return f"  {error.message}\n{_resumed_with(run)}"
    return f"  it goes on in process {process}; come back to it: understudy attach {run}\n"


def _leave(app: UnderstudyApp, number: int) -> None:
    _give_back(app)
    os._exit(code_of(number))


def _give_back(app: UnderstudyApp) -> None:
    """Leave the screen without a word to anybody: what is under way ends with us, and can be resumed."""
    if isinstance(app._driver, Terminal):
        app._driver.give_back()
    say("Left at once. `understudy runs` shows what was stopped.\n")


async def _stopped(serving: asyncio.Task[None], app: UnderstudyApp) -> None:
    # There is no screen to leave any more: the first signal from here on is one too many.
    heed(lambda number: _leave(app, number))
    done, _ = await asyncio.wait({serving}, timeout=0.3)
    if not done:
        say("Stopping in good order …; Ctrl-C leaves at once.\n")
    if not serving.cancelled():
        await serving


async def serve(
    app: UnderstudyApp, environ: Mapping[str, str], first: Opening | None = None, left: list[RunState] | None = None
) -> None:
    """Open services for the app when its first frame is drawn, and others whenever it asks for them.

    Runs that were under way when they were closed are added to `left`, as they then stand.
    """
    await app.first_frame.wait()
    # Only now: what it imports would hold up the first frame.
    from app.container import open_services

    opening: Opening | None = first or Opening(app.paths)
    while opening is not None:
        try:
            async with open_services(opening.paths, environ, trusted=opening.demo is not None, hot=True) as services:
                end_start()
                app.call_later(app.attach, Desk(services), opening.demo)
                opening = await app.openings.get()
                app.detach()
                drivers = tuple(services.engine.drivers.values())
            if left is not None:
                left += [driver.committed for driver in drivers]
        except UnderstudyError as error:
            app.unable(error)
            opening = await app.openings.get()
