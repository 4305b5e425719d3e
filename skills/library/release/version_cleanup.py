"""`version_cleanup`: old releases go, the newest and what is served stay."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from skills import Context, Preview, SkillError, skill
from skills.paths import check_writable, open_folder, resolve, shown
from workflows.values import Json

_GOING = ".removing-"
"""What a release is called while it is taken away, so that half of one never looks like a whole one."""


@dataclass(frozen=True)
class _Sorted:
    """The releases of a folder, newest first, and which of them stay."""

    kept: tuple[str, ...]
    served: tuple[str, ...]
    going: tuple[str, ...]
    left: tuple[str, ...]


@skill(name="version_cleanup", effect="idempotent", touches=["reads", "writes"])
def clean_up(
    context: Context, releases: Path | None = None, keep: int = 2, serving: list[str] | None = None
) -> dict[str, Json]:
    """Remove old releases: folders named by their version, beside each other. The newest stay, and what is served.

    A release is served where a link beside it, or beside the folder of releases, leads to it or into it (such as
    `current`), or where `serving` names it. Whatever is not named by a version is left alone. What goes cannot be
    brought back.

    Args:
        releases: The folder of releases; `releases` if not given.
        keep: How many of the newest stay, at least 1.
        serving: Names of releases that stay besides.

    Returns: {folder, kept, served, removed, left_alone}: names of releases, the newest first, and of all else.
    """
    folder, found = _sort(context, releases, keep, serving)
    base = open_folder(context.root, folder)
    try:
        for name in found.going:
            os.rename(name, _GOING + name, src_dir_fd=base, dst_dir_fd=base)
            context.emit(f"removing {name}\n")
        for name in os.listdir(base):
            if name.startswith(_GOING):  # also what an attempt before this one had begun with
                shutil.rmtree(name, dir_fd=base)
    except OSError as error:
        raise SkillError(f"{error.filename} cannot be removed: {error.strerror}", "", "resource") from None
    finally:
        os.close(base)
    return {
        "folder": shown(context.root, folder),
        "kept": list(found.kept),
        "served": list(found.served),
        "removed": list(found.going),
        "left_alone": list(found.left),
    }


@clean_up.preview
def preview(context: Context, releases: Path | None = None, keep: int = 2, serving: list[str] | None = None) -> Preview:
    """Which go, which stay."""
    folder, found = _sort(context, releases, keep, serving)
    body = "".join(f"- {name}\n" for name in found.going)
    body += "".join(f"  {name}{' (served)' if name in found.served else ''}\n" for name in found.kept)
    title = f"Remove {len(found.going)} releases of {shown(context.root, folder)}"
    return Preview(title, body, {"left alone": ", ".join(found.left) or "nothing"}, list(found.going))


def _sort(context: Context, releases: Path | None, keep: int, serving: Sequence[str] | None) -> tuple[Path, _Sorted]:
    if keep < 1:
        raise SkillError(f"keep is {keep}", "at least 1: the newest release stays", "validation")
    folder = releases or resolve(context.root, "releases")
    if not folder.is_dir():
        raise SkillError(f"there is no folder {shown(context.root, folder)}", "name it with `releases`", "dependency")
    check_writable(context.root, folder / "x")
    with os.scandir(folder) as entries:
        names = {entry.name for entry in entries if not entry.name.startswith(_GOING)}
    versions = {name: version for name in names if (version := _version(folder / name)) is not None}
    newest = sorted(versions, key=lambda name: versions[name], reverse=True)
    served = {*_linked(folder), *(serving or ())} & versions.keys()
    kept = {*newest[:keep], *served}
    return folder, _Sorted(
        kept=tuple(name for name in newest if name in kept),
        served=tuple(name for name in newest if name in served),
        going=tuple(name for name in newest if name not in kept),
        left=tuple(sorted(names - versions.keys())),
    )


def _version(path: Path) -> Version | None:
    """The version that a folder is named by; None for a link, a file, and any other name."""
    try:
        return Version(path.name) if path.is_dir() and not path.is_symlink() else None
    except InvalidVersion:
        return None


def _linked(folder: Path) -> Iterator[str]:
    """Names in the folder that a link in it, or beside it, leads to or into."""
    for place in (folder, folder.parent):
        with os.scandir(place) as entries:
            links = [Path(entry.path) for entry in entries if entry.is_symlink()]
        for link in links:
            try:
                target = link.resolve()
            except (OSError, RuntimeError):
                continue  # it leads in a circle
            if target.is_relative_to(folder) and target != folder:
                yield target.relative_to(folder).parts[0]
