"""understudy web: the screens in a browser on this machine."""

from __future__ import annotations

import asyncio
import sys
from contextlib import redirect_stdout

import click

from app.cli.output import Output
from app.cli.session import wait_for
from workflows.errors import fail

INSTALL = "pip install 'understudy[web]'   (or: uv tool install 'understudy[web]')"


@click.command("web")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port; without it, any that is free.")
def command(port: int) -> int:
    """Show the screens in a browser, on this machine only. Prints the address to open; it is good once.

    It ends with Ctrl-C or its terminal, and every page with it. From another machine:
    ssh -L PORT:127.0.0.1:PORT HOST, then open the address there.
    """
    return wait_for(_web(port, Output()))


async def _web(port: int, out: Output) -> int:
    try:
        from app.web.server import serving
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("aiohttp", "textual_serve"):
            raise
        raise fail(
            "dependency", "The screens are shown in a browser by a part that is not installed.", INSTALL
        ) from None
    try:
        async with serving(port) as guard:
            out.print(guard.address)
            out.say("Open it in a browser on this machine; it is good once. Ctrl-C ends it.")
            with redirect_stdout(sys.stderr):  # what pages leave behind is narration
                await asyncio.Event().wait()
    except OSError as error:
        raise fail(
            "resource",
            f"Port {port} cannot be listened on: {error.strerror or error}.",
            "Without --port a free one is taken.",
        ) from error
    return 0
