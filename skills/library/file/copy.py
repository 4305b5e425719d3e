"""`file.copy`: another file with the same content."""

from __future__ import annotations

import stat
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.file._content import read_bytes, sha256
from skills.library.file._put import current_content, put, writable_name
from skills.paths import shown
from workflows.values import Json


@skill(
    name="file.copy",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def copy(context: Context, source: Path, target: Path, overwrite: bool = False) -> dict[str, Json]:
    """Copy a file of the workspace, with its permissions. What was there before is kept for file.restore.

    Args:
        source: The file.
        target: Where the copy goes; a folder that is there gets it under the same name.
        overwrite: Replace a file that is there already.

    Returns: {source, path, bytes, sha256, backup, created}. `backup` is null where the target had this content already.
    """
    content, target = _read(context, source, target, overwrite)
    put_there = put(context, target, content, stat.S_IMODE(source.stat().st_mode))
    return {"source": shown(context.root, source), **put_there}


@copy.preview
def preview(context: Context, source: Path, target: Path, overwrite: bool = False) -> Preview:
    """What goes where; bound to both contents."""
    content, target = _read(context, source, target, overwrite)
    old = current_content(context, target)
    name = shown(context.root, target)
    facts = {"from": shown(context.root, source), "to": name, "bytes": str(len(content))}
    body = f"{name} is replaced ({len(old[0])} bytes)." if old else f"{name} is new."
    binds: Json = {"source": sha256(content), "before": sha256(old[0]) if old else None}
    return Preview(f"Copy {facts['from']} to {name}", body, facts, binds)


def _read(context: Context, source: Path, target: Path, overwrite: bool) -> tuple[bytes, Path]:
    content = read_bytes(context.root, source)
    if target.is_dir():
        target /= source.name
    name = writable_name(context, target)
    old = current_content(context, target)
    if old is not None and old[0] != content and not overwrite:
        raise SkillError(f"{name} is there already, with other content", "`overwrite: true` replaces it", "validation")
    return content, target
