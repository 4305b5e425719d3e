"""A difference with all the lines of its files around it, read from the files as they are now."""

from __future__ import annotations

import re
from pathlib import Path

from skills.difference import split_lines
from skills.paths import open_beneath
from workflows.errors import UnderstudyError

MOST = 4 * 1024 * 1024
"""Bytes of a file that are read to be looked at."""

_HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def with_all_lines(diff: str, root: Path) -> str:
    """The difference, of each file as one piece from its first line to its last. A new file is whole as it is.

    `root` is the folder that the names in it are of. Raises UnderstudyError where it is no difference of files that
    are there, or a file has changed since it was made.
    """
    lines = diff.split("\n")
    told: list[str] = []
    file: _File | None = None
    for at, line in enumerate(lines):
        if file is not None and file.in_hunk:
            told += file.take(line)
        elif line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            told += file.rest() if file is not None else []
            file = _File(line.removeprefix("--- ").split("\t")[0], root)
            told.append(line)
        elif file is not None and (head := _HEAD.match(line)):
            told += file.reach(*(1 if number is None else int(number) for number in head.groups()))
            told += [line] if file.new else []
        elif line:
            told.append(line)
    if file is None:
        raise UnderstudyError("This is no difference between files: all there is of it is shown.")
    return "\n".join([*told, *file.rest(), ""])


class _File:
    """One file of a difference, and how far it was gone through."""

    def __init__(self, name: str, root: Path) -> None:
        self.new = name == "/dev/null"
        self._name = name.removeprefix("a/")
        self._before = [] if self.new else [line.removesuffix("\n") for line in split_lines(_read(root, self._name))]
        self._at = self._old = self._added = 0

    @property
    def in_hunk(self) -> bool:
        return self._old > 0 or self._added > 0

    def reach(self, begin: int, old: int, added: int) -> list[str]:
        """The lines before a hunk that begins at this line, counted from 1, and has so many of either side."""
        first, at = begin - (1 if old else 0), self._at
        if self.new:
            first = 0
        if not at <= first <= len(self._before):
            raise _another(self._name)
        self._at, self._old, self._added = first, old, added
        return [f" {line}" for line in self._before[at:first]]

    def take(self, line: str) -> list[str]:
        """A line of a hunk."""
        if line[:1] in (" ", "-"):
            if self._at >= len(self._before) or self._before[self._at] != line[1:]:
                raise _another(self._name)
            self._at, self._old = self._at + 1, self._old - 1
        if line[:1] in (" ", "+"):
            self._added -= 1
        return [line]

    def rest(self) -> list[str]:
        """What comes after the last hunk."""
        return [f" {line}" for line in self._before[self._at :]]


def _another(name: str) -> UnderstudyError:
    return UnderstudyError(
        f"{name.removeprefix('a/')} is not as it was when this was asked.",
        "What is approved is compared with it again before anything is done.",
    )


def _read(root: Path, name: str) -> str:
    try:
        if ".." in Path(name).parts:
            raise ValueError(name)
        with open(open_beneath(root, root / name), "rb") as file:
            content = file.read(MOST + 1)
    except (OSError, ValueError, UnderstudyError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a plain file of the folder"
        raise UnderstudyError(f"{name} cannot be read: {why}.") from error
    if len(content) > MOST:
        raise UnderstudyError(f"{name} has more than {MOST // 1024**2} MB: only what changes is shown.")
    if b"\0" in content:
        raise UnderstudyError(f"{name} is binary: only what changes is shown.")
    return content.decode("utf-8", "replace")
