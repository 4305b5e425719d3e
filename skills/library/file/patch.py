"""`file.patch`: a unified diff applied to files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.difference import unified
from skills.library.file._content import decode, sha256
from skills.library.file._hunks import FilePatch, NoPatch, apply_hunks, read_patch
from skills.library.file._put import current_content, put, writable_name
from skills.library.file.delete import delete
from skills.library.file.write import encoded
from skills.paths import resolve
from workflows.values import Json


@dataclass(frozen=True)
class _Change:
    """What becomes of one file: None where it is not there."""

    path: Path
    name: str
    before: str | None
    after: str | None


@skill(
    name="file.patch",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={
        "skill": "file.patch",
        "parameters": {"patch": "${{ output.patch }}", "reverse": "${{ not output.reversed }}"},
    },
)
def patch(context: Context, patch: str, reverse: bool = False) -> dict[str, Json]:
    """Apply a unified diff, as `git diff` writes it, to text files of the workspace: create, change and delete them.

    All of it fits, or nothing is changed. Lines must stand exactly as in the diff; their numbers may be off. Where all
    of it has been applied already, nothing is done. What is changed is kept; the undo applies the diff backwards.

    Args:
        patch: The diff. Names are relative to the workspace; `a/` and `b/` before them are taken off.
        reverse: Take the diff back instead.

    Returns: {files: [{path, change, backup}], applied, patch, reversed}. `change` is created, changed or deleted.
    """
    changes = _changes(context, patch, reverse)
    files: list[Json] = []
    for each in changes or ():
        if each.after is None:
            backup = delete.function(context, each.path)["backup"]
        else:
            backup = put(context, each.path, encoded(each.name, each.after))["backup"]
        what = "created" if each.before is None else "deleted" if each.after is None else "changed"
        files.append({"path": each.name, "change": what, "backup": backup})
    return {"files": files, "applied": changes is not None, "patch": patch, "reversed": reverse}


@patch.preview
def preview(context: Context, patch: str, reverse: bool = False) -> Preview:
    """What changes, as a diff made anew from the files; bound to what they hold."""
    changes = _changes(context, patch, reverse)
    if changes is None:
        return Preview("Apply a patch", "All of it has been applied already.")
    body = "".join(
        unified(
            each.before or "",
            each.after or "",
            "/dev/null" if each.before is None else f"a/{each.name}",
            "/dev/null" if each.after is None else f"b/{each.name}",
        )
        for each in changes
    )
    binds: Json = {each.name: None if each.before is None else sha256(each.before.encode()) for each in changes}
    names = ", ".join(each.name for each in changes)
    return Preview(f"Patch {names}", body, {"files": names}, binds)


def _changes(context: Context, text: str, reverse: bool) -> list[_Change] | None:
    """What the diff does to each file; None where all of it has been done. Raises SkillError where it does not fit."""
    try:
        patches = [each.reversed if reverse else each for each in read_patch(text)]
    except NoPatch as error:
        raise SkillError(
            f"this is no patch: {error}", "a unified diff, as `git diff` writes it", "validation"
        ) from None
    named = [each.new or each.old for each in patches]
    if len(set(named)) != len(named):
        raise SkillError("the patch names a file twice", "join its hunks", "validation")
    try:
        changes = [_change(context, each) for each in patches]
        if len({each.path for each in changes}) != len(changes):
            raise SkillError("the patch names a file twice, in different ways", "join its hunks", "validation")
        return changes
    except NoPatch as error:
        try:
            for each in patches:
                _change(context, each.reversed)
        except NoPatch:
            raise SkillError(f"the patch does not fit: {error}", "make it anew from the files as they are") from None
        return None


def _change(context: Context, patch: FilePatch) -> _Change:
    given = patch.new or patch.old or ""
    if patch.old and patch.new and patch.old != patch.new:
        raise SkillError(f"the patch renames {patch.old} to {patch.new}", "file.move does that", "validation")
    path = resolve(context.root, given)
    name = writable_name(context, path)
    current = current_content(context, path)
    if patch.old is None:
        if current is not None:
            raise NoPatch(f"{name} is to be created and is there already")
        return _Change(path, name, None, apply_hunks("", patch))
    if current is None:
        raise NoPatch(f"there is no file {name}")
    before = decode(name, current[0], "utf-8")
    try:
        after = apply_hunks(before, patch)
    except NoPatch as error:
        raise NoPatch(f"{name}: {error}") from None
    if patch.new is None and after:
        raise NoPatch(f"{name} is to be deleted, and has more in it than the patch")
    return _Change(path, name, before, None if patch.new is None else after)
