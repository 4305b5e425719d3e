"""The files of a skill folder: which there are, and what is in them, within bounds. No link is followed inside it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from skills.discover import read_source
from skills.layers import Folder
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass

NAMES = ("SKILL.md", "skill.md")
"""What the file is called that makes a folder a skill. The first is right; the second is read too."""

SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"})
"""Folders that hold nothing of a skill's own."""

DEEPEST = 6
MOST_FOLDERS = 2000
MOST_FILES = 500
"""Files of one skill that are told of."""

_MOST_READ = 16 * 1024 * 1024
"""Bytes of a skill's files whose content counts for its version; of those beyond their size does."""


@dataclass(frozen=True)
class Contents:
    """A skill folder as it is now: the SKILL.md, and each other file's SHA-256 by its path in the folder."""

    source: bytes
    files: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of all of it."""
        whole = hashlib.sha256(self.source)
        for name, digest in self.files:
            whole.update(f"\0{name}\0{digest}".encode("utf-8", "surrogateescape"))
        return whole.hexdigest()


def skill_files(folder: Path) -> Iterator[Path]:
    """Each SKILL.md below a folder, in order. What lies below a skill is its own."""
    left = [MOST_FOLDERS]
    yield from _skill_files(folder, 0, left)


def _skill_files(folder: Path, depth: int, left: list[int]) -> Iterator[Path]:
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        return
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        return
    for name in names:
        if name in SKIPPED:
            continue
        found = skill_file(folder / name)
        if found is not None:
            yield found
        elif not (folder / name).is_symlink():
            yield from _skill_files(folder / name, depth + 1, left)


def folders_inside(folder: Path, within: Path | None) -> Iterator[Path]:
    """The folders below one that holds skill folders: theirs, those inside them, and those that links there lead to.

    Links lead nowhere but `within` that folder, where there is one.
    """
    found = 0
    tops = [folder]
    while tops:
        top = tops.pop()
        for here, folders, _ in os.walk(top):
            depth = len(Path(here).relative_to(top).parts)
            folders[:] = [
                name for name in folders if name not in SKIPPED and not name.startswith(".") and depth <= DEEPEST
            ]
            for name in folders:
                found += 1
                if found > MOST_FOLDERS:
                    return
                path = Path(here) / name
                linked = path.is_symlink()
                if linked and within is not None and not path.resolve().is_relative_to(within.resolve()):
                    continue
                yield path
                if linked and top == folder:
                    tops.append(path)


def skill_file(folder: Path) -> Path | None:
    """The file that makes this folder a skill; None where there is none."""
    try:
        there = {entry.name for entry in os.scandir(folder)}
    except OSError:
        return None
    return next((folder / name for name in NAMES if name in there), None)


def read_contents(path: Path, folder: Folder) -> Contents | Diagnostic:
    """What is in the folder of a SKILL.md."""
    source = read_source(path, folder.within)
    if isinstance(source, Diagnostic):
        return source
    files, left = [], _MOST_READ
    # Scripts first, and small files before large ones: what is not read here is not run.
    for name in sorted(_names(path), key=lambda name: (not name.startswith("scripts/"), _size(path.parent / name))):
        digest, size = _digest(path.parent / name, left)
        left -= size
        files.append((name, digest))
    return Contents(source, tuple(sorted(files)))


def _names(path: Path) -> list[str]:
    """Paths in the folder, with `/`: plain files that are not hidden, no links, at most `MOST_FILES`."""
    found: list[str] = []
    for count, (here, folders, files) in enumerate(os.walk(path.parent)):
        inside = Path(here).relative_to(path.parent)
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED and not name.startswith(".") and len(inside.parts) < DEEPEST - 1
        )
        for name in sorted(files):
            file = Path(here) / name
            if not name.startswith(".") and file != path and file.is_file() and not file.is_symlink():
                found.append((inside / name).as_posix())
        if len(found) >= MOST_FILES or count >= MOST_FOLDERS:
            break
    return found[:MOST_FILES]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _digest(file: Path, most: int) -> tuple[str, int]:
    """The file's SHA-256, and how many bytes were read for it."""
    try:
        size = file.stat().st_size
        if size > most:
            return f"size {size}", 0
        return hashlib.sha256(file.read_bytes()).hexdigest(), size
    except OSError:
        return "unreadable", 0
