"""`archive.extract`: an archive unpacked into a folder that is new."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from skills import Context, Preview, SkillError, skill
from skills.library.archive._kinds import MOST_BYTES, MOST_ENTRIES, Archive, Entry, content_of, open_archive
from skills.library.file._backups import backup_id
from skills.paths import PROTECTED, check_writable, open_folder, shown
from skills.permissions.act import OBEYED
from workflows.text import safe_text
from workflows.values import Json

UNPACKED = "AGENTS.unpacked.md"
"""What an AGENTS.md becomes."""

_BLOCK = 1024 * 1024


@skill(name="archive.extract", effect="idempotent", touches=["reads", "writes"])
def extract(context: Context, path: Path, target: Path) -> dict[str, Json]:
    """Unpack an archive of the workspace into a folder that is not there yet. All of it, or nothing.

    An archive with a name that leads out of the folder, a link, a device, a name twice or something under .git is
    refused as a whole.

    Args:
        path: The archive.
        target: The folder. Its parent has to be there, or is made.

    Returns: {path, folder, files, bytes}.
    """
    with open_archive(context, path) as archive:
        entries = _checked(archive)
        made = _partial(context, target)
        if made.exists():
            shutil.rmtree(made)  # an attempt of this call that was killed
        if target.exists():
            return _there(context, path, target, entries)
        try:
            os.close(open_folder(context.root, made, create=True))
            for entry in entries:
                _unpack(archive, entry, made)
            os.rename(made, target)
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise SkillError(
                f"cannot be unpacked: {error.strerror or error}", "nothing is left of it", "resource"
            ) from None
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    return _result(context, path, target, entries)


@extract.preview
def preview(context: Context, path: Path, target: Path) -> Preview:
    """What would be unpacked."""
    check_writable(context.root, target)
    with open_archive(context, path) as archive:
        entries = _checked(archive)
    name, folder = shown(context.root, path), shown(context.root, target)
    body = "".join(f"+ {_place(entry)}  ({entry.size} bytes)\n" for entry in entries if entry.kind == "file")
    total = sum(entry.size for entry in entries)
    facts = {"archive": name, "folder": folder, "bytes": str(total)}
    return Preview(f"Unpack {name} into {folder}", body, facts, {"archive": content_of(context, path)})


def _partial(context: Context, target: Path) -> Path:
    check_writable(context.root, target)
    return target.with_name(f".{target.name}.{backup_id(context.key, shown(context.root, target))[:16]}.part")


def _checked(archive: Archive) -> list[Entry]:
    """What is to be unpacked. Raises SkillError (`denied`) for an archive that would do harm."""
    entries: list[Entry] = []
    seen: set[str] = set()
    total = 0
    for entry in archive.entries():
        parts = PurePosixPath(entry.name).parts
        if entry.name.startswith("/") or ".." in parts or "\\" in entry.name or "\0" in entry.name or not parts:
            raise _refused(f"the name {entry.name[:100]!r} in it leads out of the folder")
        if safe_text(entry.name, max_line=None) != entry.name or "\n" in entry.name or "\t" in entry.name:
            raise _refused(f"the name {entry.name[:100]!a} in it holds characters that control or are not seen")
        if any(part.casefold().rstrip(". ") in PROTECTED for part in parts):
            raise _refused(f"it would write {entry.name[:100]}")
        if entry.kind not in ("file", "folder"):
            raise _refused(f"{entry.name[:100]!r} in it is a link or a device")
        place = str(PurePosixPath(_place(entry)))
        if entry.kind == "file" and place in seen:
            raise _refused(f"{place[:100]!r} is in it twice")
        seen.add(place)
        total += entry.size
        entries.append(entry)
        if len(entries) > MOST_ENTRIES or total > MOST_BYTES:
            most = f"{MOST_ENTRIES} entries and {MOST_BYTES // 1024**2} MB"
            raise SkillError(f"the archive is too large: at most {most} are unpacked", "", "resource")
    return entries


def _place(entry: Entry) -> str:
    """Where an entry goes in the folder: not to where agents would take what it says for their project's."""
    *folders, name = entry.name.split("/")
    return "/".join((*folders, UNPACKED if name.casefold() == OBEYED else name))


def _refused(why: str) -> SkillError:
    return SkillError(f"the archive is not unpacked: {why}", "look at it with archive.list", "denied")


def _unpack(archive: Archive, entry: Entry, folder: Path) -> None:
    place = folder / _place(entry)
    if entry.kind == "folder":
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    left = entry.size
    with archive.open(entry.name) as content, open(place, "wb") as file:
        while block := content.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise SkillError(f"{entry.name} is larger than the archive says", "nothing is left of it", "denied")
            file.write(block)
    if entry.executable:
        place.chmod(place.stat().st_mode | 0o111)


def _there(context: Context, path: Path, target: Path, entries: Sequence[Entry]) -> dict[str, Json]:
    """The folder is there: an earlier attempt has made it, or somebody else."""
    files = [entry for entry in entries if entry.kind == "file"]
    same = target.is_dir() and all(
        (target / _place(entry)).is_file() and (target / _place(entry)).stat().st_size == entry.size for entry in files
    )
    if same:
        return _result(context, path, target, entries)
    raise SkillError(f"{shown(context.root, target)} is there already", "name a folder that is not there", "validation")


def _result(context: Context, path: Path, target: Path, entries: Sequence[Entry]) -> dict[str, Json]:
    files = [entry for entry in entries if entry.kind == "file"]
    return {
        "path": shown(context.root, path),
        "folder": shown(context.root, target),
        "files": len(files),
        "bytes": sum(entry.size for entry in files),
    }
