"""Putting content into a file of the workspace: whole, in one step, with what was there before kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from skills import Context, SkillError
from skills.library.file._backups import Backup, backup_id, load, save
from skills.library.file._content import read_bytes, sha256
from skills.library.file._replace import replace_content
from skills.paths import check_writable, open_folder, shown
from workflows.text import safe_text
from workflows.values import Json


def put(context: Context, path: Path, content: bytes, mode: int | None = None) -> dict[str, Json]:
    """Make `content` the file's, and folders for it that are missing. `mode`: permissions of a new file.

    Gives {path, bytes, sha256, backup, created}: `backup` is null where the file had this content already. What an
    earlier attempt of the same call did is not done again. Raises SkillError, with nothing changed.
    """
    name = writable_name(context, path)
    current = current_content(context, path)
    identity = backup_id(context.key, name)
    written: dict[str, Json] = {"path": name, "bytes": len(content), "sha256": sha256(content)}
    if current is not None and current[0] == content:
        return {**written, **_made_before(context, identity)}
    old, kept_mode, owner = current or (b"", mode, None)
    backup = Backup(
        root=str(context.root),
        path=name,
        existed=current is not None,
        mode=kept_mode,
        owner=owner,
        before=sha256(old),
        after=sha256(content),
        made_folders=_missing_folders(context, path, identity),
    )
    keep(context, name, identity, backup, old)
    try:
        os.close(open_folder(context.root, path.parent, create=True))
        replace_content(context.root, path, content, kept_mode, owner, identity)
    except OSError as error:
        raise SkillError(f"{name} cannot be written: {error.strerror}", "", "resource") from None
    return {**written, "backup": identity, "created": current is None}


def keep(context: Context, name: str, identity: str, backup: Backup, content: bytes) -> None:
    """Keep what is there before it is changed. Raises SkillError: then nothing may be changed."""
    try:
        save(context.backups, identity, backup, content)
    except OSError as error:
        hint = "nothing was changed, because what was there could not be kept"
        raise SkillError(f"the backup of {name} cannot be kept: {error.strerror}", hint, "resource") from None


def writable_name(context: Context, path: Path) -> str:
    """A resolved path as it is shown. Raises SkillError for one that tools do not write to, or that hides something."""
    check_writable(context.root, path, context.closed)
    name = shown(context.root, path)
    if safe_text(name, max_line=None) != name or "\n" in name or "\t" in name:
        message = f"the file name {name!a} holds characters that control, reorder or are not seen"
        raise SkillError(message, "nothing was written: give it a name that can be shown as it is", "validation")
    return name


def current_content(context: Context, path: Path) -> tuple[bytes, int, tuple[int, int]] | None:
    """The file's content, permissions and owner; None where there is no file."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SkillError(f"{path.name} cannot be looked at: {error.strerror}", "", "dependency") from None
    return read_bytes(context.root, path), stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)


def earlier(context: Context, identity: str) -> Backup | None:
    """The backup of an earlier attempt of the same call."""
    try:
        return load(context.backups, identity)[0]
    except SkillError:
        return None


def _made_before(context: Context, identity: str) -> dict[str, Json]:
    """What an earlier attempt of this call left, where it wrote the file and was not heard of again."""
    backup = earlier(context, identity)
    return {"backup": identity if backup else None, "created": backup is not None and not backup.existed}


def _missing_folders(context: Context, path: Path, identity: str) -> tuple[str, ...]:
    """Folders that the write makes, or an earlier attempt has made; deepest first."""
    base, before = context.root, earlier(context, identity)
    parents = (parent for parent in path.parents if parent.is_relative_to(base))
    missing = [shown(context.root, parent) for parent in parents if not parent.exists()]
    return (*missing, *(name for name in (before.made_folders if before else ()) if name not in missing))
