"""Runs the application with its services: opened after the first frame, put away after the screen is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from app.desk import Desk
from app.failures import Exit, explain_fault
from app.logs import start_log
from app.paths import Paths, find_paths
from app.tui.app import Opening, UnderstudyApp
from app.tui.demo import Demo, Prepare
from workflows.errors import UnderstudyError

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def run_tui(
    paths: Paths | None = None,
    *,
    person: str,
    open_run: str | None = None,
    demo: Prepare | None = None,
    begin: Demo | None = None,
) -> int:
    """Show the screens until the person leaves; the exit code. `person` is who answers, `open_run` what is shown first.

    `paths` are those of the working folder unless given. `demo` makes the demo's workspace; `begin` is one that was
    made, and is run at once. The terminal is as it was afterwards, also where the program has a fault.
    """
    paths = begin.paths if begin else paths or find_paths(os.environ, Path.cwd())
    app = UnderstudyApp(paths, person=person, demo=demo, open_run=open_run)
    return asyncio.run(_run(app, os.environ, Opening(paths, begin)))


async def _run(app: UnderstudyApp, environ: Mapping[str, str], first: Opening) -> int:
    log = start_log(app.paths.logs)
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, app.exit, 128 + number)
    serving = asyncio.create_task(serve(app, environ, first))
    # A fault there must not leave a screen that nothing moves on.
    serving.add_done_callback(lambda task: app.exit(1) if not task.cancelled() and task.exception() else None)
    try:
        code = await app.run_async()
    finally:
        app.openings.put_nowait(None)
        await _stopped(serving)
    if (fault := app._exception) is not None:
        print(explain_fault(fault, log), file=sys.stderr)  # noqa: T201  # narration, after the screen is gone
        return Exit.FAILED
    return code if code is not None else app.return_code or 0


async def _stopped(serving: asyncio.Task[None]) -> None:
    done, _ = await asyncio.wait({serving}, timeout=0.3)
    if not done:
        print("Stopping in good order …", file=sys.stderr)  # noqa: T201  # narration, after the screen is gone
    await serving


async def serve(app: UnderstudyApp, environ: Mapping[str, str], first: Opening | None = None) -> None:
    """Open services for the app when its first frame is drawn, and others whenever it asks for them."""
    await app.first_frame.wait()
    # Only now: what it imports would hold up the first frame.
    from app.container import open_services

    opening: Opening | None = first or Opening(app.paths)
    while opening is not None:
        try:
            async with open_services(opening.paths, environ, trusted=opening.demo is not None, hot=True) as services:
                app.call_later(app.attach, Desk(services), opening.demo)
                opening = await app.openings.get()
                app.detach()
        except UnderstudyError as error:
            app.unable(error)
            opening = await app.openings.get()
