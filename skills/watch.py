"""Hot reload: when a file of a skill, an agent or a workflow is saved, whoever holds it reads it within the second."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from skills.layers import Folder

if TYPE_CHECKING:
    from watchfiles import Change

_SETTLED_MS = 50
"""Milliseconds without a change after which a save is taken to be complete."""

_LONGEST_MS = 500


class Reloadable(Protocol):
    """What reads folders and can read them again, such as the registry of skills."""

    @property
    def folders(self) -> Sequence[Folder]: ...

    def inside(self) -> Iterable[Path]:
        """The folders inside of those that matter too, such as those of skill folders."""
        ...

    def reload(self) -> object: ...


async def watch(registry: Reloadable) -> None:
    """Reload the registry whenever something in one of its folders changes. Ends only by being cancelled.

    A folder that is not there yet is waited for: its nearest parent is watched, not what lies below that.
    Built-in definitions come with the installation and are not watched. Raises OSError where the system allows no more
    watches.
    """
    folders = [folder.path.resolve() for folder in registry.folders if folder.scope != "built-in"]
    while folders:
        try:
            await _until_moved(registry, folders)
        except FileNotFoundError:
            pass  # a folder went between looking and watching: look again


async def _until_moved(registry: Reloadable, folders: list[Path]) -> None:
    """Reload at every change, until one of the folders, of those inside or of their parents comes or goes."""
    from watchfiles import awatch

    inside = {folder.resolve() for folder in registry.inside()}
    hearing = {*folders, *inside}

    def matters(_: Change, changed: str) -> bool:
        path = Path(changed)
        return _is_on_the_way(path, folders) or (path.parent in hearing and not path.name.startswith("."))

    batches = awatch(
        *_watched(folders),
        *inside,
        watch_filter=matters,
        debounce=_LONGEST_MS,
        step=_SETTLED_MS,
        recursive=False,
        ignore_permission_denied=True,
    )
    async with aclosing(batches):
        coming = asyncio.ensure_future(anext(batches))
        try:
            await asyncio.sleep(0)
            # The system watches from here on. What changed since the folders were last read is read now.
            registry.reload()
            while True:
                batch = await coming
                registry.reload()
                if any(_is_on_the_way(Path(changed), folders) for _, changed in batch):
                    return
                if {folder.resolve() for folder in registry.inside()} != inside:
                    return
                coming = asyncio.ensure_future(anext(batches))
        finally:
            coming.cancel()
            await asyncio.wait((coming,))


def _watched(folders: Iterable[Path]) -> set[Path]:
    """Each folder with its parent (to see it go), or where it is not there, the nearest parent that is."""
    found: set[Path] = set()
    for folder in folders:
        found |= {folder, folder.parent} if folder.is_dir() else {_nearest(folder)}
    return found


def _is_on_the_way(changed: Path, folders: Iterable[Path]) -> bool:
    return any(changed == folder or changed in folder.parents for folder in folders)


def _nearest(folder: Path) -> Path:
    return next(parent for parent in folder.parents if parent.is_dir())
