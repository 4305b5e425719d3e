"""`file.organise`: where the files of a folder would go if they were put in order."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from skills import Context, SkillError, skill
from skills.paths import shown
from workflows.values import Json

_KINDS = {
    "images": "jpg jpeg png gif webp svg heic bmp tiff tif ico raw",
    "documents": "pdf doc docx odt rtf txt md tex epub pages",
    "tables": "csv tsv xls xlsx ods numbers parquet",
    "slides": "ppt pptx odp key",
    "audio": "mp3 wav flac ogg m4a aac",
    "video": "mp4 mov avi mkv webm m4v",
    "archives": "zip tar gz tgz bz2 xz 7z rar",
    "programs": "exe msi dmg pkg deb rpm appimage iso",
    "code": "py js ts html css json yaml yml xml sh sql ipynb",
}
_KIND = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes.split()}
_MOST = 2000


@skill(name="file.organise", effect="pure", touches=["reads"])
def organise(
    context: Context, path: Path, by: Literal["kind", "month", "year", "suffix"] = "kind", target: Path | None = None
) -> dict[str, Json]:
    """Plan how the files that lie in a folder are sorted into folders. Nothing is moved.

    Files in its folders stay, and so do hidden ones. A name that is taken gets a number.

    Args:
        path: The folder.
        by: By kind (images, documents, tables, …), by the month or year in which they were last changed, or by suffix.
        target: The folder for the folders; the same one if not given.

    Returns: {moves: [{source, target}], folders: [{name, files}], text}. `text` lists the moves.
    """
    if not path.is_dir():
        raise SkillError(f"{shown(context.root, path)} is not a folder", "", "dependency")
    base = target or path
    moves: list[dict[str, Json]] = []
    counts: dict[str, int] = {}
    taken: set[Path] = set()
    for entry in sorted(os.scandir(path), key=lambda each: each.name):
        status = entry.stat(follow_symlinks=False)
        if entry.name.startswith(".") or not stat.S_ISREG(status.st_mode):
            continue
        if len(moves) >= _MOST:
            raise SkillError(f"there are more than {_MOST:,} files", "sort a part of them first", "resource")
        folder = _folder(entry.name, status.st_mtime, by)
        place = _free(base / folder / entry.name, taken)
        taken.add(place)
        counts[folder] = counts.get(folder, 0) + 1
        moves.append({"source": shown(context.root, path / entry.name), "target": shown(context.root, place)})
    lines = [f"- `{move['source']}` to `{move['target']}`" for move in moves]
    return {
        "moves": list(moves),
        "folders": [{"name": name, "files": count} for name, count in sorted(counts.items())],
        "text": "\n".join(lines) + ("\n" if lines else ""),
    }


def _folder(name: str, changed: float, by: str) -> str:
    when = datetime.fromtimestamp(changed, UTC)
    suffix = Path(name).suffix.lower().removeprefix(".")
    if by == "month":
        return f"{when:%Y-%m}"
    if by == "year":
        return f"{when:%Y}"
    return suffix or "none" if by == "suffix" else _KIND.get(suffix, "other")


def _free(place: Path, taken: set[Path]) -> Path:
    number, wanted = 1, place
    while place.exists() or place in taken:
        number += 1
        place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return place
