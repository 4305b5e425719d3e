"""`file.list`: what there is in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import is_closed, shown
from workflows.values import Json

_MAX_SEEN = 200_000
"""Entries that are looked at, matching or not."""


@skill(name="file.list", effect="pure", touches=["reads"])
def list_files(context: Context, path: Path | None = None, glob: str = "*", limit: int = 1000) -> dict[str, Json]:
    """List the files and folders of a folder of the workspace, in order of their names.

    Args:
        path: The folder; the workspace itself if not given.
        glob: Which entries, as a pattern of paths below the folder. `*` is one level, `**/*.py` all Python files below.
        limit: How many entries at most.

    Returns: {path, entries: [{path, type, bytes}], truncated}. `type` is file, folder, link or other. Paths are
        relative to the workspace. Folders of tools (.git, node_modules, .venv and the like) are not looked into.
    """
    folder = path or context.root
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
    matches = matcher(glob)
    depth = None if "**" in glob else glob.count("/")
    entries: list[dict[str, Json]] = []
    truncated = False
    for seen, (entry, inside) in enumerate(_walk(folder, "", depth, context.closed)):
        if seen < _MAX_SEEN and not matches(inside):
            continue
        if seen >= _MAX_SEEN or len(entries) >= limit:
            truncated = True
            break
        entries.append({"path": shown(context.root, folder / inside), "type": _type(entry), "bytes": _size(entry)})
    return {"path": shown(context.root, folder), "entries": entries, "truncated": truncated}


def _walk(
    folder: Path, prefix: str, depth: int | None, closed: Sequence[Path]
) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return  # unreadable, or gone meanwhile
    for entry in entries:
        if closed and is_closed(folder / entry.name, closed):
            continue
        inside = f"{prefix}{entry.name}"
        yield entry, inside
        if entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED and depth != 0:
            yield from _walk(folder / entry.name, f"{inside}/", None if depth is None else depth - 1, closed)


def _type(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir():
        return "folder"
    return "file" if entry.is_file() else "other"


def _size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else None
    except OSError:
        return None  # gone meanwhile
