"""Replacing a file's content in one step: after a crash there is the old content or the new, never a part."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from skills.paths import open_folder


def replace_content(
    root: Path, path: Path, content: bytes, mode: int | None, owner: tuple[int, int] | None, identity: str
) -> None:
    """Write a temporary file beside `path`, sync it, rename it over `path`, sync the folder.

    `path` is resolved and its folder exists. `mode` are the permissions it gets, `owner` its user and group where we
    may give it away; None: what a new file has. `identity` is the same for every attempt of one call: what one that was
    killed has left is taken away by the next.

    Raises PathRefused where a folder has become a link, and OSError with nothing changed.
    """
    folder = open_folder(root, path.parent)
    temporary = f".{path.name[:200]}.{identity[:16]}.tmp"
    try:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o666, dir_fd=folder)
        try:
            with open(descriptor, "wb") as file:
                if owner is not None:
                    _give(file.fileno(), owner)
                if mode is not None:
                    os.fchmod(file.fileno(), mode)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)
    finally:
        os.close(folder)


def _give(descriptor: int, owner: tuple[int, int]) -> None:
    try:
        os.fchown(descriptor, *owner)
    except PermissionError:
        pass  # only root may give files away; for anyone else the file becomes theirs
