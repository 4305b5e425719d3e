"""Messages on the desktop, by the program `notify-send`."""

from __future__ import annotations

import html
import shutil
from collections.abc import Mapping
from pathlib import Path

from skills.process import environment, run
from workflows.errors import fail
from workflows.text import one_line

SESSION = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY")
"""Variables that lead to the desktop of whoever is logged in."""

TIMEOUT = 10.0
MOST = 1000
"""Characters of a text that a desktop shows."""


async def show_on_desktop(text: str, cwd: Path, environ: Mapping[str, str]) -> None:
    """Raises CallFailed (dependency) where there is no desktop to show it on."""
    program = shutil.which("notify-send", path=environ.get("PATH", ""))
    if program is None:
        hint = "Install libnotify (`notify-send`), or use another channel."
        raise fail("dependency", "there is no program `notify-send` to show a message on the desktop", hint)
    title, _, rest = text.strip().partition("\n")
    # Titles are plain, bodies may hold markup; `--` ends the options, whatever the text begins with.
    body = html.escape(rest.strip()[:MOST], quote=False)
    session = {name: environ[name] for name in SESSION if name in environ}
    completed = await run(
        [program, "--app-name=Understudy", "--", one_line(title, 200) or "Understudy", body],
        cwd=cwd,
        environ=environment(environ, session),
        timeout=TIMEOUT,
    )
    if completed.exit != 0:
        message = f"notify-send ended with {completed.exit}: {one_line(completed.end_of_output(), 200)}"
        raise fail("dependency", message, "Is there a desktop here? Else use another channel.", exit=completed.exit)
