"""`backup.create`: files and databases packed into an archive that says what is in it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.backup._manifest import MANIFEST, SQLITE
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import check_writable, is_closed, open_beneath, shown
from workflows.values import Json

_MOST_FILES = 100_000
_BLOCK = 1024 * 1024


@skill(name="backup.create", effect="idempotent", touches=["reads", "writes"])
def create(context: Context, path: Path, sources: list[Path], ignore: list[str] | None = None) -> dict[str, Json]:
    """Pack files and folders into a new `.tar.gz`, with the digest of each, and write the archive's own beside it.

    A SQLite database is copied as it is at one moment, also while others write to it. Links and the folders of tools
    (.git, node_modules, .venv and the like) are left out. The archive is whole or not there; none is ever replaced.

    Args:
        path: The archive, which is not there yet.
        sources: What is packed.
        ignore: Paths that are left out, as patterns below the workspace, such as `**/*.tmp`.

    Returns: {path, bytes, sha256, checksum_file, files, databases}.
    """
    if not path.name.endswith((".tar.gz", ".tgz")):
        raise SkillError(f"{path.name} does not say that it is an archive", "let it end with .tar.gz", "validation")
    check_writable(context.root, path, context.closed)
    beside = path.with_name(f"{path.name}.sha256")
    if path.exists():
        raise SkillError(f"{shown(context.root, path)} is there already", "no backup is ever replaced", "validation")
    ignored = [matcher(pattern) for pattern in ignore or ()]
    found = sorted({file for source in sources for file in _files(context, source)} - {path, beside})
    kept = [file for file in found if not any(matches(shown(context.root, file)) for matches in ignored)]
    if not kept:
        raise SkillError("there is nothing to pack", "`sources` are files and folders that are there", "dependency")
    if len(kept) > _MOST_FILES:
        raise SkillError(f"there are more than {_MOST_FILES:,} files", "name fewer", "resource")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.NamedTemporaryFile(prefix=".backup-", dir=path.parent, delete=False) as new:
            os.chmod(new.name, 0o600)
            try:
                databases = _pack(context, kept, new.name)
                digest = _digest(new.name)
                beside.write_text(f"{digest}  {path.name}\n", encoding="ascii")
                os.replace(new.name, path)
            except BaseException:
                os.unlink(new.name)
                raise
    except OSError as error:
        raise SkillError(f"the backup cannot be written: {error.strerror}", "", "resource") from None
    size = path.stat().st_size
    context.emit(f"{len(kept)} files, {size} bytes in {shown(context.root, path)}\n")
    return {
        "path": shown(context.root, path),
        "bytes": size,
        "sha256": digest,
        "checksum_file": shown(context.root, beside),
        "files": len(kept),
        "databases": databases,
    }


def _files(context: Context, source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    if not source.is_dir():
        raise SkillError(f"there is no {shown(context.root, source)}", "", "dependency")
    for place, folders, names in os.walk(source):
        folders[:] = [
            name for name in folders if name not in SKIPPED and not is_closed(Path(place, name), context.closed)
        ]
        yield from (file for name in names if (file := Path(place, name)).is_file() and not file.is_symlink())


def _pack(context: Context, files: list[Path], target: str) -> list[Json]:
    """Write the archive. Returns the names of the databases in it."""
    said: list[dict[str, Json]] = []
    databases: list[Json] = []
    with tempfile.TemporaryDirectory(prefix="understudy-") as aside:
        contents: list[tuple[str, Path, int]] = []
        for number, file in enumerate(files):
            name = shown(context.root, file)
            if name.endswith(("-wal", "-shm", "-journal")) and file.with_name(file.name.rpartition("-")[0]) in files:
                continue  # what a database has beside it is in the copy of the database
            copy, is_database = _still(context, file, Path(aside, str(number)))
            databases += [name] if is_database else []
            contents.append((name, copy, file.stat().st_mode & 0o777))
            said.append({"name": name, "sha256": _digest(str(copy)), "bytes": copy.stat().st_size})
        with tarfile.open(target, "w:gz") as archive:
            text = json.dumps({"files": said, "databases": databases}).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
            for name, copy, mode in contents:
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = copy.stat().st_size, mode, int(copy.stat().st_mtime)
                with open(copy, "rb") as opened:
                    archive.addfile(info, opened)
    return databases


def _still(context: Context, file: Path, aside: Path) -> tuple[Path, bool]:
    """A copy that does not change while it is packed, and whether it is a database."""
    with open(open_beneath(context.root, file), "rb") as opened:
        is_database = opened.read(len(SQLITE)) == SQLITE
        if not is_database:
            opened.seek(0)
            with open(aside, "wb") as copy:
                while piece := opened.read(_BLOCK):
                    copy.write(piece)
            os.utime(aside, (file.stat().st_mtime, file.stat().st_mtime))
            return aside, False
    try:
        with (
            closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)) as source,
            closing(sqlite3.connect(aside)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise SkillError(f"{shown(context.root, file)} cannot be copied: {error}", "", "dependency") from None
    return aside, True


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
