"""`file.duplicates`: files that are there more than once."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.library.file.usage import said
from skills.paths import is_closed, open_beneath, shown
from workflows.values import Json

_MOST = 200_000
_LISTED = 200


@skill(name="file.duplicates", effect="pure", touches=["reads"])
def duplicates(context: Context, path: Path | None = None, glob: str = "**/*", min_bytes: int = 1) -> dict[str, Json]:
    """Find files of a folder with the same content, whatever they are called.

    The one that is kept is the one with the shortest path, the first in the alphabet of those. Folders of tools (.git,
    node_modules, .venv and the like) and links are left out.

    Args:
        path: The folder; the workspace if not given.
        glob: Which files of it.
        min_bytes: Files that are smaller do not count.

    Returns: {groups: [{bytes, checksum, keep, others}], others, files, wasted, truncated, text}. `others` are all that
        could go, `wasted` how many bytes they take. The most wasteful come first, 200 at most.
    """
    folder = path or context.root
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
    by_size: dict[int, list[Path]] = {}
    files = 0
    for file, size in _files(context, folder, glob):
        files += 1
        if files > _MOST:
            raise SkillError(f"there are more than {_MOST:,} files", "name a folder in it", "resource")
        if size >= min_bytes:
            by_size.setdefault(size, []).append(file)
    groups: list[dict[str, Json]] = []
    for size, same in by_size.items():
        by_digest: dict[str, list[str]] = {}
        for file in same if len(same) > 1 else ():
            with open(open_beneath(context.root, file), "rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            by_digest.setdefault(digest, []).append(shown(context.root, file))
        for digest, names in by_digest.items():
            if len(names) > 1:
                keep, *others = sorted(names, key=lambda name: (len(name), name))
                groups.append({"bytes": size, "checksum": digest, "keep": keep, "others": list(others)})
    groups.sort(key=lambda each: (-each["bytes"] * len(each["others"]), each["keep"]))
    wasted = sum(each["bytes"] * len(each["others"]) for each in groups)
    lines = [
        f"{sum(len(each['others']) for each in groups)} of {files} files are there already; they take {said(wasted)}."
    ]
    for each in groups[:_LISTED]:
        lines += ["", f"{said(each['bytes'])}: `{each['keep']}` is the same as", ""]
        lines += [f"- `{name}`" for name in each["others"]]
    return {
        "groups": list(groups[:_LISTED]),
        "others": [name for each in groups[:_LISTED] for name in each["others"]],
        "files": files,
        "wasted": wasted,
        "truncated": len(groups) > _LISTED,
        "text": "\n".join(lines) + "\n",
    }


def _files(context: Context, folder: Path, glob: str) -> Iterator[tuple[Path, int]]:
    matches = matcher(glob)
    for place, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if name not in SKIPPED and not is_closed(Path(place, name), context.closed)
        ]
        for name in names:
            file = Path(place, name)
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and matches(file.relative_to(folder).as_posix()):
                yield file, status.st_size
