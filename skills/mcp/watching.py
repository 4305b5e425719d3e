"""Hot reload: a server that is configured, or accepted in another terminal, is there within the second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles import Change


async def watch_servers(files: Sequence[Path], accepted: Path, reload: Callable[[], object]) -> None:
    """Reload whenever one of the files changes, or what lies in the folder of what was accepted.

    What is not there yet is waited for: its nearest parent is watched, not what lies below that. Ends only by being
    cancelled. Raises OSError where the system allows no more watches.
    """
    wanted, accepted = [_real(file) for file in files], _real(accepted)
    while True:
        try:
            await _until_moved(wanted, accepted, reload)
        except FileNotFoundError:
            pass  # a folder went between looking and watching: look again


async def _until_moved(files: Sequence[Path], accepted: Path, reload: Callable[[], object]) -> None:
    """Reload at every change, until a folder on the way to one of them comes or goes."""
    from watchfiles import awatch

    ways = {parent for path in (*files, accepted / "any") for parent in path.parents}

    def matters(_: Change, changed: str) -> bool:
        path = Path(changed)
        return path in files or path in ways or (path.parent == accepted and not path.name.startswith("."))

    nearest = {_nearest(file.parent) for file in files} | {_nearest(accepted)}
    batches = awatch(*nearest, watch_filter=matters, debounce=500, step=50, recursive=False)
    async with aclosing(batches):
        coming = asyncio.ensure_future(anext(batches))
        try:
            await asyncio.sleep(0)
            # The system watches from here on. What changed since the files were last read is read now.
            reload()
            while True:
                batch = await coming
                reload()
                if any(Path(changed) in ways for _, changed in batch):
                    return
                coming = asyncio.ensure_future(anext(batches))
        finally:
            coming.cancel()
            await asyncio.wait((coming,))


def _real(path: Path) -> Path:
    """The path as the system tells of it: its folder without a link."""
    return path.parent.resolve() / path.name


def _nearest(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.is_dir())
