"""How a text gets from a screen to where it can be pasted: by the terminal, by tmux, or in a file of its own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from app.present.figures import plural
from workflows.errors import UnderstudyError

Way = Literal["terminal", "tmux", "file"]

LARGEST = 74_994
"""Bytes that terminals take at least: what becomes of them as base64 is a hundred thousand characters."""

DEAF = ("linux", "dumb", "unknown", "")
"""Terminals, by `TERM`, that know nothing of OSC 52; those of GNU screen begin with `screen` too."""

KEPT = 20
"""Files that are kept; the oldest ones go."""


def measure(text: str) -> str:
    """How much that is: `31 lines`, `12 characters`."""
    lines = text.count("\n") + (not text.endswith("\n"))
    return plural(lines, "line") if lines > 1 else plural(len(text), "character")


def way_of(environ: Mapping[str, str], text: str) -> Way:
    """The way that works here. tmux has a way of its own: by default it takes no OSC 52 from programs."""
    if environ.get("TMUX") and shutil.which("tmux", path=environ.get("PATH")):
        return "tmux"
    term = environ.get("TERM", "")
    deaf = term in DEAF or term.startswith(("vt", "screen")) or "STY" in environ
    deaf = deaf or environ.get("TERM_PROGRAM") == "Apple_Terminal" or len(text.encode()) > LARGEST
    return "file" if deaf else "terminal"


async def give_to_tmux(text: str, environ: Mapping[str, str]) -> None:
    """Into tmux's own buffer, and from there to the terminal's clipboard where it lets tmux. Raises UnderstudyError."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environ),
        )
        await process.communicate(text.encode())
    except OSError as error:
        raise UnderstudyError(f"tmux cannot be asked: {error}.", "Copy it to a file instead.") from None
    if process.returncode:
        raise UnderstudyError(f"tmux did not take it (exit {process.returncode}).", "Copy it to a file instead.")


def keep(folder: Path, name: str, text: str) -> Path:
    """Write the text into a file of its own, for nobody else to read. Raises UnderstudyError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        older = sorted(folder.glob("*.txt"), key=lambda path: path.stat().st_mtime)
        for path in older[: max(0, len(older) - KEPT + 1)]:
            path.unlink(missing_ok=True)
        path = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-.')[:80] or 'copied'}.txt"
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UnderstudyError(
            f"It cannot be written to {folder}: {error}.", "Make room there, then copy again."
        ) from None
    return path
