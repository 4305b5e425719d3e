"""`file.replace`: some text of a file for another."""

from __future__ import annotations

from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.difference import unified
from skills.library.file._backups import backup_id
from skills.library.file._content import MAX_BYTES, decode, read_bytes, sha256
from skills.library.file._put import earlier, put, writable_name
from skills.library.file.write import encoded
from workflows.values import Json


@skill(
    name="file.replace",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={"skill": "file.restore", "parameters": {"backup": "${{ output.backup }}"}},
)
def replace(context: Context, path: Path, old: str, new: str, count: int = 1) -> dict[str, Json]:
    """Replace a text within a file. What was there before is kept and can be put back with file.restore.

    It must occur exactly as often as is said: a text that is not there, or stands in more places than were thought of,
    is a failure, and nothing is changed.

    Args:
        path: The file.
        old: The text as it stands in the file, with its blanks and line ends.
        new: What takes its place.
        count: How often `old` occurs; 0 for all, however many.

    Returns: {path, bytes, sha256, backup, created, replaced, diff}. `replaced` is how often; 0 where an earlier attempt
        of the same call had done it.
    """
    if done := _done_before(context, path):
        return done
    name, before, after, found = _replaced(context, path, old, new, count)
    written = put(context, path, encoded(name, after))
    return {**written, "replaced": found, "diff": unified(before, after, f"a/{name}", f"b/{name}")}


@replace.preview
def preview(context: Context, path: Path, old: str, new: str, count: int = 1) -> Preview:
    """The change as a unified diff; bound to the content that it was made against."""
    name, before, after, _ = _replaced(context, path, old, new, count)
    body = unified(before, after, f"a/{name}", f"b/{name}")
    return Preview(f"Change {name}", body, {"file": name}, {"before": sha256(before.encode())})


def _done_before(context: Context, path: Path) -> dict[str, Json] | None:
    """What this call comes to where an earlier attempt of it changed the file, and was not heard of again."""
    name = writable_name(context, path)
    identity = backup_id(context.key, name)
    backup, content = earlier(context, identity), read_bytes(context.root, path)
    if backup is None or sha256(content) != backup.after:
        return None
    done: dict[str, Json] = {"path": name, "bytes": len(content), "sha256": sha256(content), "backup": identity}
    return {**done, "created": False, "replaced": 0, "diff": ""}


def _replaced(context: Context, path: Path, old: str, new: str, count: int) -> tuple[str, str, str, int]:
    name = writable_name(context, path)
    if not old:
        raise SkillError("there is nothing to replace: `old` is empty", "", "validation")
    text = decode(name, read_bytes(context.root, path), "utf-8")
    found = text.count(old)
    if not found:
        raise SkillError(f"the text is not in {name}", "file.read shows what is; blanks and line ends count")
    if count and found != count:
        hint = "give more of what stands around it, or say `count: 0` for all"
        raise SkillError(f"the text is in {name} {found} times, not {count}", hint)
    if len(text) + found * (len(new) - len(old)) > MAX_BYTES:
        message = f"{name} would have more than {MAX_BYTES // 1024**2} MB: the text is in it {found:,} times"
        raise SkillError(message, "give more of what stands around it", "resource")
    return name, text, text.replace(old, new), found
