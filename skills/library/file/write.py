"""`file.write`: a file's whole content, replaced in one step, with the old content kept."""

from __future__ import annotations

from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.difference import unified
from skills.library.file._content import sha256
from skills.library.file._put import current_content, put, writable_name
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
    return put(context, path, encoded(writable_name(context, path), text))


@write.preview
def preview(context: Context, path: Path, text: str) -> Preview:
    """The change as a unified diff; bound to the content that it was made against."""
    name = writable_name(context, path)
    content = encoded(name, text)
    current = current_content(context, path)
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


def encoded(name: str, text: str) -> bytes:
    """A text as a file's bytes. Raises SkillError (`validation`) for what no file can hold."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise SkillError(f"the text for {name} holds a lone surrogate, which no file can", "", "validation") from None
