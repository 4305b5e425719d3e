"""`file.restore`: undo a file.write."""

from __future__ import annotations

import os
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.difference import unified
from skills.library.file._backups import Backup, backup_id, load
from skills.library.file._content import read_bytes, sha256
from skills.library.file._replace import replace_content
from skills.paths import check_writable, open_folder, resolve
from workflows.values import Json


@skill(name="file.restore", effect="idempotent", touches=["reads", "writes"])
def restore(context: Context, backup: str | None, force: bool = False) -> dict[str, Json]:
    """Put back what file.write replaced; remove the file, and the folders made for it, where there was none.

    Args:
        backup: The `backup` that file.write returned. Null means that nothing was replaced: nothing is done.
        force: Do it even if the file was changed after the write.

    Returns: {path, restored, removed}. `restored` is false where there was nothing to do.
    """
    if backup is None:
        return {"path": None, "restored": False, "removed": False}
    kept, content = load(context.backups, backup)
    path = _place(context, kept)
    current = _current(context, path)
    if current == (sha256(content) if kept.existed else None):
        return {"path": kept.path, "restored": False, "removed": not kept.existed}
    if current != kept.after and not force:
        happened = "changed" if current else "removed"
        raise SkillError(
            f"{kept.path} was {happened} after it was written, so the backup is not put back",
            "look at it; `force: true` puts the backup back all the same",
        )
    try:
        if kept.existed:
            os.close(open_folder(context.root, path.parent, create=True))
            replace_content(context.root, path, content, kept.mode, kept.owner, backup_id(context.key, kept.path))
        else:
            _remove(context, path, kept)
    except OSError as error:
        raise SkillError(f"{kept.path} cannot be put back: {error.strerror}", "", "resource") from None
    return {"path": kept.path, "restored": True, "removed": not kept.existed}


@restore.preview
def preview(context: Context, backup: str | None, force: bool = False) -> Preview:
    """The change as a unified diff; bound to the content that it was made against."""
    if backup is None:
        return Preview("Nothing to restore", "The write replaced nothing.")
    kept, content = load(context.backups, backup)
    path = _place(context, kept)
    current = _current(context, path)
    now = read_bytes(context.root, path).decode("utf-8", "replace") if current else ""
    new_name = f"b/{kept.path}" if kept.existed else "/dev/null"
    body = unified(now, content.decode("utf-8", "replace"), f"a/{kept.path}", new_name)
    title = f"{'Restore' if kept.existed else 'Remove'} {kept.path}"
    return Preview(title, body, {"file": kept.path, "backup": backup}, {"before": current})


def _place(context: Context, kept: Backup) -> Path:
    if kept.root != str(context.root):
        message = f"the backup of {kept.path} belongs to another workspace, {kept.root}"
        raise SkillError(message, "restore it from there", "denied")
    path = resolve(context.root, kept.path)
    check_writable(context.root, path, context.closed)
    return path


def _current(context: Context, path: Path) -> str | None:
    """The digest of the file's content; None where there is no file."""
    return sha256(read_bytes(context.root, path)) if os.path.lexists(path) else None


def _remove(context: Context, path: Path, kept: Backup) -> None:
    folder = open_folder(context.root, path.parent)
    try:
        os.unlink(path.name, dir_fd=folder)
        os.fsync(folder)
    finally:
        os.close(folder)
    for name in kept.made_folders:
        try:
            os.rmdir(context.root / name)
        except OSError:
            return  # something else is in it by now
