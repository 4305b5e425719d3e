"""A person's own editor, on a file that stays where it is."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from pathlib import Path

from workflows.errors import UnderstudyError


def editor_of(environ: Mapping[str, str]) -> str:
    """What is started: `$VISUAL`, else `$EDITOR`, else `vi`."""
    return environ.get("VISUAL") or environ.get("EDITOR") or "vi"


async def edit_file(path: Path, environ: Mapping[str, str]) -> None:
    """Start the editor on the file, in this terminal, and wait until it is closed. Raises UnderstudyError where it
    cannot be started, or failed."""
    name = editor_of(environ)
    try:
        # Split as a shell would, but without one. Resolved by its name on purpose: it is the person's own choice.
        process = await asyncio.create_subprocess_exec(*shlex.split(name), str(path))
    except (OSError, ValueError) as error:
        raise UnderstudyError(
            f"The editor '{name}' cannot be started: {error}.", "Set EDITOR to one that is."
        ) from None
    if code := await process.wait():
        raise UnderstudyError(f"The editor '{name}' ended with {code}.", f"Look whether {path.name} is as you want it.")
