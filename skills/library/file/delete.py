"""`file.delete`: a file taken away, with its content kept."""

from __future__ import annotations

import os
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.file._backups import Backup, backup_id
from skills.library.file._content import sha256
from skills.library.file._put import current_content, earlier, keep, writable_name
from skills.paths import open_folder
from workflows.values import Json


@skill(
    name="file.delete",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def delete(context: Context, path: Path, missing_ok: bool = False) -> dict[str, Json]:
    """Delete a file of the workspace. Its content is kept, and file.restore puts it back.

    Args:
        path: The file. Folders are not deleted.
        missing_ok: A file that is not there is no failure.

    Returns: {path, deleted, bytes, backup}. `backup` is the id for file.restore, null where there was nothing.
    """
    name = writable_name(context, path)
    identity = backup_id(context.key, name)
    current = current_content(context, path)
    if current is None:
        before = earlier(context, identity)
        if before is None and not missing_ok:
            raise SkillError(f"there is no file {name}", "`missing_ok: true` takes that as done", "dependency")
        return {"path": name, "deleted": False, "bytes": 0, "backup": identity if before else None}
    content, mode, owner = current
    backup = Backup(str(context.root), name, True, mode, owner, sha256(content), None)
    keep(context, name, identity, backup, content)
    try:
        folder = open_folder(context.root, path.parent)
        try:
            os.unlink(path.name, dir_fd=folder)
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SkillError(f"{name} cannot be deleted: {error.strerror}", "", "resource") from None
    return {"path": name, "deleted": True, "bytes": len(content), "backup": identity}


@delete.preview
def preview(context: Context, path: Path, missing_ok: bool = False) -> Preview:
    """What goes; bound to its content."""
    name = writable_name(context, path)
    current = current_content(context, path)
    if current is None:
        return Preview(f"Delete {name}", f"There is no {name}.", {"file": name})
    content = current[0]
    body = f"{len(content)} bytes are kept and can be put back with file.restore."
    return Preview(f"Delete {name}", body, {"file": name}, {"before": sha256(content)})
