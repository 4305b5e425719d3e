"""A person's own editor and pager, in this terminal."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.clipboard import keep
from workflows.errors import UnderstudyError


def editor_of(environ: Mapping[str, str]) -> str:
    """What is started: `$VISUAL`, else `$EDITOR`, else `vi`."""
    return environ.get("VISUAL") or environ.get("EDITOR") or "vi"


def pager_of(environ: Mapping[str, str]) -> str:
    """What is started: `$PAGER`, else `less`, else `more`."""
    found = next((name for name in ("less", "more") if shutil.which(name, path=environ.get("PATH"))), "less")
    return environ.get("PAGER") or found


@contextmanager
def file_for(name: str, text: str) -> Iterator[Path]:
    """A file with this text, for nobody else to read; it goes with the block. Raises UnderstudyError."""
    with TemporaryDirectory(prefix="understudy-") as folder:
        yield keep(Path(folder), name, text)


def read_saved(path: Path) -> str:
    """What the person saved. Raises UnderstudyError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"What was saved cannot be read: {error}.", "Try again.") from None


async def page_file(path: Path, environ: Mapping[str, str]) -> None:
    """Start the pager on the file, in this terminal, and wait until it is closed. Raises UnderstudyError where it
    cannot be started."""
    name = pager_of(environ)
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(name), str(path))  # as the editor below
    except (OSError, ValueError) as error:
        raise UnderstudyError(f"The pager '{name}' cannot be started: {error}.", "Set PAGER to one that is.") from None
    await process.wait()


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
        how = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
        raise UnderstudyError(f"The editor '{name}' {how}.", f"Look whether {path.name} is as you want it.")
