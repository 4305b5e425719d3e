"""`file.write`: a file's whole content, replaced in one step, with the old content kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.difference import unified
from skills.library.file._backups import Backup, backup_id, load, save
from skills.library.file._content import read_bytes, sha256
from skills.library.file._replace import replace_content
from skills.paths import check_writable, open_folder, shown
from workflows.text import safe_text
from workflows.values import Json


@skill(name="file.write", effect="idempotent", touches=["reads", "writes"])
def write(context: Context, path: Path, text: str) -> dict[str, Json]:
    """Write a text file of the workspace. What was there before is kept and can be put back with file.restore.

    Folders that are missing are made. The file keeps its permissions. Never writes under .git or .understudy, nor where
    a name holds control, bidi or zero-width characters.

    Args:
        path: The file.
        text: Its whole new content.

    Returns: {path, bytes, sha256, backup, created}. `backup` is the id for file.restore, null where the file had this
        content already.
    """
    name, content = _checked(context, path, text)
    current = _current(context, path)
    identity = backup_id(context.key, name)
    written: dict[str, Json] = {"path": name, "bytes": len(content), "sha256": sha256(content)}
    if current is not None and current[0] == content:
        return {**written, **_made_before(context, identity)}
    old, mode, owner = current or (b"", None, None)
    backup = Backup(
        root=str(context.root),
        path=name,
        existed=current is not None,
        mode=mode,
        owner=owner,
        before=sha256(old),
        after=sha256(content),
        made_folders=_missing_folders(context, path, identity),
    )
    try:
        save(context.backups, identity, backup, old)
    except OSError as error:
        hint = "nothing was written, because what was there could not be kept"
        raise SkillError(f"the backup of {name} cannot be kept: {error.strerror}", hint, "resource") from None
    try:
        os.close(open_folder(context.root, path.parent, create=True))
        replace_content(context.root, path, content, mode, owner, identity)
    except OSError as error:
        raise SkillError(f"{name} cannot be written: {error.strerror}", "", "resource") from None
    return {**written, "backup": identity, "created": current is None}


@write.preview
def preview(context: Context, path: Path, text: str) -> Preview:
    """The change as a unified diff; bound to the content that it was made against."""
    name, content = _checked(context, path, text)
    current = _current(context, path)
    old = current[0] if current else b""
    if current and b"\0" in old:
        body = f"{name} is binary now ({len(old)} bytes) and becomes text ({len(content)} bytes)."
    else:
        body = unified(old.decode("utf-8", "replace"), text, f"a/{name}" if current else "/dev/null", f"b/{name}")
    verb = "Change" if current else "Create"
    facts = {"file": name, "bytes": f"{len(old)} → {len(content)}" if current else str(len(content))}
    return Preview(
        f"{verb} {name}",
        body or f"{name} has this content already.",
        facts,
        {"before": sha256(old) if current else None},
    )


def _checked(context: Context, path: Path, text: str) -> tuple[str, bytes]:
    check_writable(context.root, path)
    name = shown(context.root, path)
    if safe_text(name, max_line=None) != name or "\n" in name or "\t" in name:
        message = f"the file name {name!a} holds characters that control, reorder or are not seen"
        raise SkillError(message, "nothing was written: give it a name that can be shown as it is", "validation")
    try:
        return name, text.encode("utf-8")
    except UnicodeEncodeError:
        raise SkillError(f"the text for {name} holds a lone surrogate, which no file can", "", "validation") from None


def _current(context: Context, path: Path) -> tuple[bytes, int, tuple[int, int]] | None:
    """The file's content, permissions and owner; None where there is no file."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SkillError(f"{path.name} cannot be looked at: {error.strerror}", "", "dependency") from None
    return read_bytes(context.root, path), stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)


def _earlier(context: Context, identity: str) -> Backup | None:
    """The backup of an earlier attempt of the same call."""
    try:
        return load(context.backups, identity)[0]
    except SkillError:
        return None


def _made_before(context: Context, identity: str) -> dict[str, Json]:
    """What an earlier attempt of this call left, where it wrote the file and was not heard of again."""
    backup = _earlier(context, identity)
    return {"backup": identity if backup else None, "created": backup is not None and not backup.existed}


def _missing_folders(context: Context, path: Path, identity: str) -> tuple[str, ...]:
    """Folders that the write makes, or an earlier attempt has made; deepest first."""
    base, earlier = context.root, _earlier(context, identity)
    parents = (parent for parent in path.parents if parent.is_relative_to(base))
    missing = [shown(context.root, parent) for parent in parents if not parent.exists()]
    return (*missing, *(name for name in (earlier.made_folders if earlier else ()) if name not in missing))
