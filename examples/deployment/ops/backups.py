"""Backups of an environment: one archive each, with its database, its release, and the digest of every file.

backups/<id>.zip         manifest.json, shop.db, release/…
backups/<id>.sha256      the archive's own digest
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from environments import Environment, Start

Manifest = dict[str, Any]


class BadBackup(Exception):
    """A backup is not there, or is not what was made."""


def make(environment: Environment, backup_id: str, run_id: str) -> Manifest:
    """Back up an environment as it is now, while it is being used. One that is there already is left as it is."""
    archive = _archive(environment.root, backup_id)
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            files = _collect(environment, Path(folder, "shop.db"))
            manifest: Manifest = {
                "backup_id": backup_id,
                "run_id": run_id,
                "environment": environment.name,
                "release": environment.release,
                "endpoint": environment.endpoint,
                "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "files": {name: _digest(path.read_bytes()) for name, path in files.items()},
            }
            new = Path(folder, "new.zip")
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as made:
                made.writestr("manifest.json", json.dumps(manifest, indent=1))
                for name, path in files.items():
                    made.write(path, name)
            archive.with_suffix(".sha256").write_text(_digest(new.read_bytes()) + "\n")
            os.replace(new, archive)
    return verify(environment.root, backup_id)


def verify(root: Path, backup_id: str) -> Manifest:
    """Read a backup whole, and compare every digest. Raises BadBackup."""
    archive = _archive(root, backup_id)
    try:
        content = archive.read_bytes()
        if _digest(content) != archive.with_suffix(".sha256").read_text().strip():
            raise BadBackup(f"the archive of {backup_id} is not what was written")
        with zipfile.ZipFile(archive) as made:
            manifest: Manifest = json.loads(made.read("manifest.json"))
            for name, digest in manifest["files"].items():
                if _digest(made.read(name)) != digest:
                    raise BadBackup(f"{name} in {backup_id} is not what was backed up")
            if "shop.db" in manifest["files"]:
                with tempfile.TemporaryDirectory() as folder, closing(_database(made, Path(folder))) as database:
                    _check(database, backup_id)
    except FileNotFoundError:
        raise BadBackup(f"there is no backup {backup_id}") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, sqlite3.Error) as error:
        raise BadBackup(f"{backup_id} cannot be read: {error}") from None
    return {**manifest, "archive": str(archive.relative_to(root)), "digest": _digest(content)}


def restore(root: Path, backup_id: str, start: Start) -> Manifest:
    """Put an environment back to what it was, and check that it is. Raises BadBackup, TimeoutError."""
    manifest = verify(root, backup_id)
    environment, release = Environment(root, manifest["environment"]), manifest["release"]
    with environment.changing(), zipfile.ZipFile(_archive(root, backup_id)) as made:
        environment.serve(None, start)  # nobody writes meanwhile; callers wait
        if release is not None:
            _put_release(made, manifest, root / "releases" / release)
        if "shop.db" in manifest["files"]:
            _put_database(made, environment.database)
        else:
            environment.database.unlink(missing_ok=True)
        endpoint = environment.serve(release, start)
        if release is None:
            environment.stop()
    return {**manifest, "endpoint": endpoint}


def newest(root: Path, run_id: str) -> str:
    """The last backup that a run made. Raises BadBackup."""
    found = []
    for archive in (root / "backups").glob("*.zip"):
        with zipfile.ZipFile(archive) as made:
            manifest = json.loads(made.read("manifest.json"))
        if run_id and manifest["run_id"] == run_id:
            found.append((archive.stat().st_mtime_ns, archive.stem))
    if not found:
        raise BadBackup(f"the run {run_id} made no backup")
    return max(found)[1]


def _collect(environment: Environment, copy: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    if environment.database.exists():
        # SQLite's own way of copying a database that is being written to.
        with closing(sqlite3.connect(environment.database)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)
        files["shop.db"] = copy
    if environment.release is not None:
        release = environment.link.resolve()
        paths = sorted(path for path in release.rglob("*") if path.is_file())
        files |= {f"release/{path.relative_to(release).as_posix()}": path for path in paths}
    return files


def _put_release(made: zipfile.ZipFile, manifest: Manifest, release: Path) -> None:
    if release.is_dir():
        return  # releases are never changed
    new = release.with_name(f".{release.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for name in manifest["files"]:
        if name.startswith("release/"):
            path = new / name.removeprefix("release/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.read(name))
    os.replace(new, release)


def _put_database(made: zipfile.ZipFile, live: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(_database(made, Path(folder))) as kept,
        closing(sqlite3.connect(live)) as database,
    ):
        kept.backup(database)
        _check(database, "what was restored")
        if _content(database) != _content(kept):
            raise BadBackup("what was restored is not what was backed up")


def _database(made: zipfile.ZipFile, folder: Path) -> sqlite3.Connection:
    path = folder / "shop.db"
    path.write_bytes(made.read("shop.db"))
    return sqlite3.connect(path)


def _check(database: sqlite3.Connection, what: str) -> None:
    (word,) = database.execute("PRAGMA integrity_check").fetchone()
    if word != "ok":
        raise BadBackup(f"the database of {what} is damaged: {word}")


def _content(database: sqlite3.Connection) -> str:
    return _digest("\n".join(database.iterdump()).encode())


def _archive(root: Path, backup_id: str) -> Path:
    if not backup_id.replace("-", "").isalnum():
        raise BadBackup(f"'{backup_id}' is no name of a backup")
    return root / "backups" / f"{backup_id}.zip"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
