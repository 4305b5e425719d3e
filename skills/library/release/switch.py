"""`release.switch`: which of several releases is the current one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.paths import check_writable, open_folder, shown
from workflows.values import Json

_LINK = "current"


@skill(
    name="release.switch",
    effect="idempotent",
    touches=["reads", "writes"],
    undo={
        "skill": "release.switch",
        "parameters": {"releases": "${{ output.releases }}", "release": "${{ output.previous }}"},
    },
)
def switch(context: Context, releases: Path, release: str | None = None) -> dict[str, Json]:
    """Make a release the current one: the link `current` beside the folder of releases leads to it, from one moment on.

    Args:
        releases: The folder of releases.
        release: The name of a folder in it. Where it is not given no release is current any more.

    Returns: {releases, link, release, previous, changed}. `previous` is the release that was current, or null.
    """
    previous = _current(context, releases)
    _check(context, releases, release)
    base = open_folder(context.root, releases.parent)
    try:
        if release is None:
            if previous is not None:
                os.unlink(_LINK, dir_fd=base)
        elif release != previous:
            new = f".{_LINK}-{secrets.token_hex(4)}"
            os.symlink(f"{releases.name}/{release}", new, dir_fd=base)
            os.replace(new, _LINK, src_dir_fd=base, dst_dir_fd=base)
    except OSError as error:
        raise SkillError(f"the link cannot be changed: {error.strerror}", "", "resource") from None
    finally:
        os.close(base)
    return {
        "releases": shown(context.root, releases),
        "link": shown(context.root, releases.parent / _LINK),
        "release": release,
        "previous": previous,
        "changed": release != previous,
    }


@switch.preview
def preview(context: Context, releases: Path, release: str | None = None) -> Preview:
    """From which release to which."""
    previous = _current(context, releases)
    _check(context, releases, release)
    body = f"- {previous or 'none'}\n+ {release or 'none'}\n"
    title = f"Switch {shown(context.root, releases.parent)} to {release or 'no release'}"
    return Preview(title, body, {"from": previous or "none", "to": release or "none"}, previous)


def _check(context: Context, releases: Path, release: str | None) -> None:
    check_writable(context.root, releases.parent / _LINK, context.closed)
    if release is None:
        return
    place = releases / release
    if "/" in release or release in ("", ".", "..") or place.is_symlink() or not place.is_dir():
        there = ", ".join(sorted(each.name for each in releases.glob("*") if each.is_dir())) or "none"
        raise SkillError(f"there is no release '{release}'", f"there are: {there}", "validation")


def _current(context: Context, releases: Path) -> str | None:
    """The release that the link leads to. Raises SkillError where something else has its name."""
    link = releases.parent / _LINK
    if not link.is_symlink():
        if link.exists():
            raise SkillError(f"{shown(context.root, link)} is no link", "move it away", "dependency")
        return None
    target = Path(os.path.normpath(link.parent / os.readlink(link)))
    return target.name if target.parent == releases else None
