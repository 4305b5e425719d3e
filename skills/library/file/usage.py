"""`file.usage`: what takes the room in a folder."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from heapq import nlargest
from pathlib import Path

from skills import Context, SkillError, skill
from skills.paths import is_closed, shown
from workflows.values import Json

_MOST = 500_000
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


@skill(name="file.usage", effect="pure", touches=["reads"])
def usage(context: Context, path: Path | None = None, top: int = 15, depth: int = 3) -> dict[str, Json]:
    """Tell what takes the room in a folder of the workspace: its largest folders and files, and kinds of files.

    Folders of tools count too: they are often what is large. Links are not followed; a file with several names counts
    once.

    Args:
        path: The folder; the workspace if not given.
        top: How many folders, files and kinds are told.
        depth: How deep the folders are that are told.

    Returns: {path, bytes, files, folders: [{path, bytes, files}], largest: [{path, bytes, changed}], kinds: [{kind,
        bytes, files}], truncated, text}. `changed` is an ISO 8601 day. `text` is all of it as Markdown.
    """
    folder = path or context.root
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    many: Counter[str] = Counter()
    every: list[tuple[int, str, float]] = []
    seen: set[tuple[int, int]] = set()
    total = 0
    for number, (name, status) in enumerate(_files(context, folder)):
        if number >= _MOST:
            break
        if status.st_nlink > 1 and (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        size = status.st_size
        total += size
        parts = name.split("/")[:-1]
        for level in range(1, min(len(parts), depth) + 1):
            place = "/".join(parts[:level])
            sizes[place] += size
            counts[place] += 1
        kind = os.path.splitext(name)[1].lower() or "(none)"
        kinds[kind] += size
        many[kind] += 1
        every.append((size, name, status.st_mtime))
    result: dict[str, Json] = {
        "path": shown(context.root, folder),
        "bytes": total,
        "files": len(every),
        "folders": [{"path": name, "bytes": size, "files": counts[name]} for name, size in sizes.most_common(top)],
        "largest": [{"path": name, "bytes": size, "changed": _day(when)} for size, name, when in nlargest(top, every)],
        "kinds": [{"kind": kind, "bytes": size, "files": many[kind]} for kind, size in kinds.most_common(top)],
        "truncated": len(every) >= _MOST,
    }
    return {**result, "text": _text(result)}


def _files(context: Context, folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_closed(Path(place, name), context.closed))
        for name in sorted(names):
            try:
                status = os.lstat(os.path.join(place, name))
            except OSError:
                continue  # gone meanwhile
            if stat.S_ISREG(status.st_mode):
                yield Path(place, name).relative_to(folder).as_posix(), status


def _day(when: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(when, UTC).date().isoformat()


def said(size: float) -> str:
    """Such as `1.4 MB`."""
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError  # the last unit has no end


def _text(result: dict[str, Json]) -> str:
    lines = [
        f"{result['files']} files take {said(result['bytes'])}.",
        "",
        "| folder | size | files |",
        "|---|---:|---:|",
    ]
    lines += [f"| `{each['path']}` | {said(each['bytes'])} | {each['files']} |" for each in result["folders"]]
    lines += ["", "The largest files:", ""]
    lines += [f"- `{each['path']}`: {said(each['bytes'])}, changed {each['changed']}" for each in result["largest"]]
    lines += ["", "By kind:", ""]
    lines += [f"- {each['kind']}: {said(each['bytes'])} in {each['files']} files" for each in result["kinds"]]
    return "\n".join(lines) + "\n"
