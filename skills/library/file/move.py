"""`file.move`: a file under another name."""

from __future__ import annotations

import os
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.file._backups import Backup, backup_id
from skills.library.file._content import read_bytes, sha256
from skills.library.file._put import earlier, keep, writable_name
from skills.paths import open_folder, shown
from workflows.values import Json


@skill(
    name="file.move",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.move", "parameters": {"source": "${{ output.path }}", "target": "${{ output.source }}"}},
)
def move(context: Context, source: Path, target: Path) -> dict[str, Json]:
    """Move or rename a file of the workspace, in one step. Nothing is overwritten. Folders that are missing are made.

    Args:
        source: The file.
        target: Its new name; a folder that is there gets it under the same name.

    Returns: {source, path, moved}. `moved` is false where an earlier attempt of the same call had done it.
    """
    target = _target(source, target)
    old, new = writable_name(context, source), writable_name(context, target)
    identity = backup_id(context.key, new)
    if _done_before(context, source, target, identity):
        return {"source": old, "path": new, "moved": False}
    content = _movable(context, source, target)
    note = Backup(str(context.root), new, False, None, None, sha256(b""), sha256(content))
    keep(context, new, identity, note, b"")
    try:
        to = open_folder(context.root, target.parent, create=True)
        from_ = open_folder(context.root, source.parent)
        try:
            os.link(
                source.name, target.name, src_dir_fd=from_, dst_dir_fd=to, follow_symlinks=False
            )  # never overwrites
            os.unlink(source.name, dir_fd=from_)
        finally:
            os.close(from_)
            os.close(to)
    except FileExistsError:
        raise _taken(new) from None
    except OSError as error:
        raise SkillError(f"{old} cannot be moved to {new}: {error.strerror}", "", "resource") from None
    return {"source": old, "path": new, "moved": True}


@move.preview
def preview(context: Context, source: Path, target: Path) -> Preview:
    """Which name becomes which; bound to the content."""
    target = _target(source, target)
    old, new = writable_name(context, source), writable_name(context, target)
    content = _movable(context, source, target)
    return Preview(f"Move {old} to {new}", "", {"from": old, "to": new}, {"source": sha256(content)})


def _target(source: Path, target: Path) -> Path:
    return target / source.name if target.is_dir() else target


def _movable(context: Context, source: Path, target: Path) -> bytes:
    content = read_bytes(context.root, source)
    if os.path.lexists(target) and not (source.exists() and os.path.samefile(source, target)):
        raise _taken(shown(context.root, target))
    return content


def _taken(name: str) -> SkillError:
    return SkillError(f"{name} is there already", "file.move overwrites nothing; remove it first", "validation")


def _done_before(context: Context, source: Path, target: Path, identity: str) -> bool:
    """Whether an earlier attempt of this call moved it. One that was killed between its two steps is finished here."""
    note = earlier(context, identity)
    if note is None or not target.is_file() or sha256(read_bytes(context.root, target)) != note.after:
        return False
    if os.path.lexists(source):
        if not os.path.samefile(source, target):
            return False
        source.unlink()
    return True
