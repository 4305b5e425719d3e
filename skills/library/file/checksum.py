"""`file.checksum`: digests of files, and whether they are what they should be."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import check_open, is_closed, open_beneath, resolve, shown
from workflows.values import Json

_MOST_FILES = 5000
_BLOCK = 1024 * 1024
_LINE = re.compile(r"([0-9a-fA-F]{32,128}) [ *](.+)")
"""A line as sha256sum writes it: digest, blank, `*` for binary or a blank, name."""


@skill(name="file.checksum", effect="pure", touches=["reads"])
def checksum(
    context: Context,
    path: Path | None = None,
    glob: str = "*",
    algorithm: Literal["sha256", "sha512", "sha1", "md5"] = "sha256",
    expected: str | None = None,
) -> dict[str, Json]:
    """Compute the checksums of files of the workspace, and compare them with those that are expected.

    Args:
        path: A file, or a folder; the workspace if not given.
        glob: Which files of a folder, such as `**/*.whl`.
        algorithm: sha1 and md5 only tell accidents, not attackers.
        expected: The checksum of the one file, or lines as sha256sum writes them (names relative to the folder).

    Returns: {algorithm, files: [{path, bytes, checksum, ok}], text, ok, wrong, missing, truncated}. `text` is what
        sha256sum would write. `ok` is null where nothing was expected; else whether all that was expected is there and
        the same. `wrong` and `missing` name the files that are not.
    """
    place = path or context.root
    listed = _expected(expected, place)
    folder = place if place.is_dir() else place.parent
    names = sorted(listed) if listed and place.is_dir() else list(_names(context, place, glob))
    found: list[Json] = []
    missing: list[Json] = []
    wrong: list[Json] = []
    lines: list[str] = []
    for name in names[:_MOST_FILES]:
        file = resolve(context.root, folder / name)
        check_open(file, context.closed)
        wanted = listed.get(name) if listed is not None else None
        try:
            size, digest = _digest(context, file, algorithm)
        except FileNotFoundError:
            missing.append(name)
            continue
        except OSError as error:
            raise SkillError(f"{name} cannot be read: {error.strerror}", "", "dependency") from None
        ok = None if wanted is None else hmac.compare_digest(wanted.lower(), digest)
        if ok is False:
            wrong.append(name)
        found.append({"path": shown(context.root, file), "bytes": size, "checksum": digest, "ok": ok})
        lines.append(f"{digest}  {name}\n")
    if missing and expected is None:
        raise SkillError(f"there is no file {missing[0]}", "file.list shows what there is", "dependency")
    return {
        "algorithm": algorithm,
        "files": found,
        "text": "".join(lines),
        "ok": None if expected is None else not wrong and not missing,
        "wrong": wrong,
        "missing": missing,
        "truncated": len(names) > _MOST_FILES,
    }


def _expected(expected: str | None, place: Path) -> dict[str, str] | None:
    """Digest by name. Raises SkillError where the text is neither one digest nor such lines."""
    if expected is None:
        return None
    text = expected.strip()
    if re.fullmatch(r"[0-9a-fA-F]{32,128}", text) and not place.is_dir():
        return {place.name: text}
    listed: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise SkillError(
                f"line {number} of what is expected is no checksum",
                "such as `d2a8…  name`, as sha256sum writes",
                "validation",
            )
        listed[match[2]] = match[1]
    if not place.is_dir():
        return {name: digest for name, digest in listed.items() if name == place.name}
    return listed


def _names(context: Context, place: Path, glob: str) -> Iterator[str]:
    if not place.is_dir():
        yield place.name
        return
    matches = matcher(glob)
    for folder, folders, files in os.walk(place):
        open_ones = (name for name in folders if not is_closed(Path(folder, name), context.closed))
        folders[:] = sorted(name for name in open_ones if name not in SKIPPED)
        for name in sorted(files):
            inside = (Path(folder) / name).relative_to(place).as_posix()
            if matches(inside) and not (Path(folder) / name).is_symlink():
                yield inside


def _digest(context: Context, file: Path, algorithm: str) -> tuple[int, str]:
    digest, size = hashlib.new(algorithm, usedforsecurity=False), 0
    with open(open_beneath(context.root, file), "rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
