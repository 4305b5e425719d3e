"""`backup.verify`: a backup restored on trial, and compared with what it says it holds."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.archive._kinds import open_archive
from skills.library.backup._manifest import MANIFEST
from skills.paths import shown
from workflows.values import Json

_BLOCK = 1024 * 1024


class BrokenBackup(SkillError):
    """A backup from which not everything can be had back."""


@skill(name="backup.verify", effect="pure", touches=["reads"])
def verify(context: Context, path: Path, sha256: str = "") -> dict[str, Json]:
    """Prove that a backup can be restored: unpack it aside, compare each file's digest, and check its databases.

    Args:
        path: The archive, as backup.create made it.
        sha256: The digest that it has to have; that in the file beside it if not given.

    Returns: {path, files, bytes, databases, sha256, ok}. Anything missing or changed is a failure.
    """
    name = shown(context.root, path)
    wanted = sha256 or _said_beside(path)
    digest = _digest(path, name)
    if wanted and digest != wanted:
        raise BrokenBackup(f"{name} is not what was written: its checksum differs", "", "business", sha256=digest)
    wrong: list[str] = []
    total = 0
    with tempfile.TemporaryDirectory(prefix="understudy-") as aside, open_archive(context, path) as archive:
        names = {entry.name for entry in archive.entries()}
        if MANIFEST not in names:
            raise BrokenBackup(f"{name} does not say what it holds", "it is none of backup.create's", "validation")
        manifest = json.loads(archive.open(MANIFEST).read())
        for number, each in enumerate(manifest["files"]):
            copy = Path(aside, str(number))
            found = hashlib.sha256()
            if each["name"] not in names:
                wrong.append(f"{each['name']} is missing")
                continue
            with archive.open(each["name"]) as source, open(copy, "wb") as target:
                while piece := source.read(_BLOCK):
                    found.update(piece)
                    target.write(piece)
                    total += len(piece)
            if found.hexdigest() != each["sha256"]:
                wrong.append(f"{each['name']} has changed")
            elif each["name"] in manifest["databases"] and (problem := _of_database(copy)):
                wrong.append(f"{each['name']}: {problem}")
            copy.unlink()
    if wrong:
        raise BrokenBackup(f"{name} cannot be restored: {wrong[0]}", f"{len(wrong)} files in all", "business")
    context.emit(f"{len(manifest['files'])} files of {name} can be restored\n")
    return {
        "path": name,
        "files": len(manifest["files"]),
        "bytes": total,
        "databases": manifest["databases"],
        "sha256": digest,
        "ok": True,
    }


def _said_beside(path: Path) -> str:
    try:
        return path.with_name(f"{path.name}.sha256").read_text(encoding="ascii").split()[0]
    except (OSError, ValueError, IndexError):
        return ""


def _digest(path: Path, name: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SkillError(f"{name} cannot be read: {error.strerror}", "", "dependency") from None


def _of_database(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as database:
            said = str(database.execute("pragma integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if said == "ok" else said
