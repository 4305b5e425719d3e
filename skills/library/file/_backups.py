"""Copies of what is overwritten, kept so that a write can be undone, and written before it.

A backup is a folder named by its id: `backup.json` says what there was and what the write left, `content-…` holds the
old bytes. The id comes from the call's idempotency key: an attempt that finds its work done by an earlier one, finds
that one's backup too.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from skills import SkillError
from workflows.values import digest

_ID_DIGITS = 32


@dataclass(frozen=True)
class Backup:
    """What one write replaced.

    `path` is relative to `root`. `existed` says whether there was a file; `mode` and `owner` were its permissions, user
    and group. `before` and `after` are the SHA-256 of its contents, in hex; `after` is None where the
    file was deleted. `made_folders` are those the write makes.
    """

    root: str
    path: str
    existed: bool
    mode: int | None
    owner: tuple[int, int] | None
    before: str
    after: str | None
    made_folders: tuple[str, ...] = ()


def backup_id(key: str, path: str) -> str:
    """The id of the backup that one call makes of one path; random where the call has no key."""
    return digest(key or secrets.token_hex(16), path)[:_ID_DIGITS]


def save(folder: Path, identity: str, backup: Backup, content: bytes) -> None:
    """Keep a backup, durably, before the file is touched.

    One of the same id is replaced: its write did not happen, or was changed since, so it no longer says what is lost.
    """
    place = folder / identity
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.mkdir(mode=0o700, exist_ok=True)
    _write(place / f"content-{backup.before}", content)
    _write(place / ".backup.json.new", json.dumps(asdict(backup)).encode())
    os.replace(place / ".backup.json.new", place / "backup.json")
    for directory in (place, folder):
        _sync_folder(directory)


def load(folder: Path, identity: str) -> tuple[Backup, bytes]:
    """A backup and the old content. Raises SkillError (`dependency`) where there is none of this id."""
    place = folder / identity
    if len(identity) != _ID_DIGITS or not identity.isalnum() or not (place / "backup.json").is_file():
        raise SkillError(f"there is no backup {identity!r}", "file.write returns the id as `backup`", "dependency")
    data = json.loads((place / "backup.json").read_bytes())
    owner = tuple(data["owner"]) if data["owner"] else None
    backup = Backup(**{**data, "owner": owner, "made_folders": tuple(data["made_folders"])})
    return backup, (place / f"content-{backup.before}").read_bytes()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
