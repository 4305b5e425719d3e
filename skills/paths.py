"""The path rule: tools stay beneath the workspace, and never write where code, history or settings are kept.

Two steps, because a path can change between looking and opening. `resolve` follows links and says which rule a path
breaks. `open_beneath` opens what was resolved one folder at a time, following no link at all: a folder that was swapped
for a link meanwhile is an error, never a way out.

`root` is the workspace's real path, followed once for each call (`real_root`).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from skills.declare import SkillError

PROTECTED = frozenset({".git", ".understudy", ".claude", ".agents", ".mcp.json"})
"""Folders that no tool writes into, at any depth: what lies there is run or obeyed later."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class PathRefused(SkillError):
    """A path breaks a rule. Final: trying again cannot help."""

    def __init__(self, message: str, hint: str = "", rule: str = "outside") -> None:
        super().__init__(message, hint, "denied", rule=rule)


def real_root(root: Path) -> Path:
    """The workspace's path without a link in it: what `root` is in all that follows."""
    return root if root.is_absolute() and _is_straight("/", str(root)[1:]) else Path(os.path.realpath(root))


def resolve(root: Path, given: str | Path, *, cwd: Path | None = None) -> Path:
    """The real path that `given` means, which lies in `root` or is it. A relative path starts at `cwd` (or `root`).

    Whole components are compared, so `/ws-evil` is not in `/ws`. What does not exist yet is fine.
    Raises PathRefused, which names the rule: `empty`, `nul`, `name`, `absolute`, `parent`, `link`.
    """
    text = str(given)
    if not text:
        raise PathRefused("the path is empty", "the workspace itself is '.'", "empty")
    if "\0" in text:
        raise PathRefused(f"the path {text!r} holds a NUL character", "", "nul")
    try:
        os.fsencode(text)
        if cwd in (None, root) and _is_straight(str(root), text):
            return root / text
        real = ((cwd or root) / text).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise PathRefused(f"the path {text[:200]!r} cannot be followed: {error}", "", "name") from None
    if real.is_relative_to(root):
        return real
    hint = f"paths of tools lie in the workspace, {root}"
    if os.path.isabs(text):
        raise PathRefused(f"{text} is an absolute path outside the workspace", hint, "absolute")
    if ".." in Path(text).parts:
        raise PathRefused(f"{text} leads out of the workspace with '..'", hint, "parent")
    raise PathRefused(f"{text} leads out of the workspace through a link, to {real}", hint, "link")


def _is_straight(folder: str, text: str) -> bool:
    """Whether a path only goes down from a real folder, to a file or folder, and through no link: a look at each part.

    Any other may be fine too, but has to be followed.
    """
    parts = text.split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return False
    try:
        for part in parts:
            folder = os.path.join(folder, part)
            if stat.S_IFMT(os.lstat(folder).st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
                return False
    except OSError:
        return False
    return True


def is_closed(path: Path, closed: Sequence[Path]) -> bool:
    """Whether a resolved path lies in one of the folders that no tool looks into: Understudy's own."""
    return any(path.is_relative_to(folder) for folder in closed)


def check_open(path: Path, closed: Sequence[Path]) -> None:
    """Raise PathRefused (`own`) for a resolved path in a folder of Understudy's own: settings, secrets, history."""
    if is_closed(path, closed):
        raise PathRefused(
            f"{path} belongs to Understudy itself",
            "no tool reads or writes its settings, secrets, history and logs; do it yourself",
            "own",
        )


def check_writable(root: Path, path: Path, closed: Sequence[Path] = ()) -> None:
    """Raise PathRefused (`protected`, `own`) for a resolved path that tools must not write, move or delete."""
    check_open(path, closed)
    for part in path.relative_to(root).parts:
        # Some file systems ignore case, and a dot or a blank at the end.
        if part.casefold().rstrip(". ") in PROTECTED:
            raise PathRefused(
                f"tools never write under {part}/",
                "what lies there is run or obeyed later; change it yourself",
                "protected",
            )
    if path == root:
        raise PathRefused("the workspace itself cannot be written as a file", "", "protected")


def open_folder(root: Path, path: Path, *, create: bool = False) -> int:
    """A descriptor of a resolved folder, reached from `root` without following a link; the caller closes it.

    With `create`, folders that are missing are made. Raises PathRefused (`link`) where a part has become a link, and
    OSError.
    """
    return _descend(root, path.relative_to(root).parts, path, create=create)


def open_beneath(root: Path, path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a resolved, plain file, reached from `root` without following a link; the caller closes it.

    Raises PathRefused for a link or anything but a plain file (a pipe would hang, a device do anything), and OSError.
    """
    parts = path.relative_to(root).parts
    if not parts:
        raise PathRefused(f"{path} is not a plain file", "", "kind")
    folder = _descend(root, parts[:-1], path.parent)
    try:
        flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = _open_part(parts[-1], flags, folder, path)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PathRefused(f"{path} is not a plain file", "", "kind")
    return descriptor


def _descend(root: Path, parts: Sequence[str], path: Path, *, create: bool = False) -> int:
    descriptor = os.open(root, _FOLDER)
    try:
        for part in parts:
            if create:
                try:
                    os.mkdir(part, dir_fd=descriptor)
                except FileExistsError:
                    pass  # a folder, or the next line says what it is
            below = _open_part(part, _FOLDER, descriptor, path)
            os.close(descriptor)
            descriptor = below
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _open_part(part: str, flags: int, folder: int, path: Path) -> int:
    try:
        return os.open(part, flags, dir_fd=folder)
    except OSError as error:
        # With O_DIRECTORY a link is ENOTDIR, as a plain file is.
        is_link = error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(part, folder)
        if not is_link:
            raise
    raise PathRefused(f"{path}: '{part}' has become a link", "something changes the workspace meanwhile", "link")


def _is_link(part: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def shown(root: Path, path: Path) -> str:
    """A resolved path as results and messages show it: relative to the workspace, `.` for the workspace itself."""
    return path.relative_to(root).as_posix()
