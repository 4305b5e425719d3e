"""The database as a thing to look after: looked through, copied, put back, made smaller. All of it blocks.

A copy is one SQLite file that holds the large values too, in a table of its own, so that nothing can be forgotten.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from workflows.journal.files import make_folder, open_private, sync_folder
from workflows.journal.port import StoreError
from workflows.journal.sqlite.blobs import Blob, Blobs
from workflows.journal.sqlite.lock import FileLock
from workflows.journal.sqlite.mishaps import translated
from workflows.journal.sqlite.opening import PATIENCE, address, inspect, options, prepare_files, prepare_write
from workflows.journal.sqlite.queries import COUNTS, NAMED
from workflows.journal.sqlite.schema import STEPS
from workflows.records import dataclass

NAME = "journal.db"
MOST = 20
"""Problems of one sort that are listed."""

_SHARED = (0x40000002, 510)
"""The bytes that every open connection holds a shared lock on (sqlite.org/src/file/src/os_unix.c, SHARED_FIRST)."""

_GAPS = """
    SELECT run_id, count(*), max(seq), last_seq FROM runs LEFT JOIN events ON events.run = runs.id
    GROUP BY runs.id HAVING count(*) <> last_seq OR max(seq) <> last_seq LIMIT ?
"""


@dataclass(frozen=True)
class Sizes:
    """How many bytes the database, what is not yet in it, and the large values take; and the schema's number.

    `runs` is how many there are of each status, as it was last written.
    """

    database: int
    log: int
    blobs: int
    schema: int
    runs: Mapping[str, int]


@dataclass(frozen=True)
class Restored:
    """What restoring came to: `kept` is where the journal is now that was there before, None where there was none."""

    kept: Path | None
    schema: int


def sizes(folder: Path) -> Sizes:
    """What the journal in the folder takes. Raises StoreError, also where there is none."""
    path = _existing(folder)
    with translated(path):
        log = path.with_name(f"{path.name}-wal")
        blobs = folder / "blobs"
        taken = sum(entry.stat().st_size for entry in os.scandir(blobs)) if blobs.is_dir() else 0
        schema, runs = inspect(path), dict[str, int]()
        if schema:
            with closing(reading(path)) as connection:
                runs = dict(connection.execute(COUNTS).fetchall())
        return Sizes(path.stat().st_size, log.stat().st_size if log.exists() else 0, taken, schema, runs)


def check(folder: Path) -> list[str]:
    """What is wrong with the journal, line by line; nothing where it is whole. Raises StoreError where it is none."""
    path = _existing(folder)
    inspect(path)
    with translated(path), closing(reading(path)) as connection:
        connection.execute("BEGIN")
        found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST})") if row[0] != "ok"]
        if found:
            return found  # what else is asked of it could not be believed
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(MOST):
            found.append(f"row {row} of {table} belongs to a row of {parent} that is not there")
        for run, count, _, last in connection.execute(_GAPS, (MOST,)):
            found.append(f"run {run} has {count} events and should have {last}")
        blobs = folder / "blobs"
        found += filter(None, (_problem_of(blobs / name, name) for name in sorted(_named(connection))))
    return found


def back_up(folder: Path, to: Path) -> int:
    """Copy the journal as it is at one moment, while others may write; durable on return. Returns the copy's bytes.

    Raises StoreError, also where there is a file of that name: none is ever replaced.
    """
    path = _existing(folder)
    inspect(path)
    with translated(to):
        make_folder(to.parent)
        if to.exists():
            raise StoreError(f"{to} is there already.", "Choose another name.")
        with _part(to) as part:
            with translated(path), closing(reading(path)) as source, closing(_writing(part)) as target:
                source.backup(target)  # in one step: it sees the journal as it is at one moment
                _take_blobs(target, Blobs(folder / "blobs"))
            _must_be_sound(part)
            _sync(part)
            try:
                os.link(part, to)  # unlike renaming, never over another file
            except FileExistsError:
                raise StoreError(f"{to} is there already.", "Choose another name.") from None
        sync_folder(to.parent)
        return to.stat().st_size


def schema_of(backup: Path) -> int:
    """The schema's number of a file that may be a backup. Raises StoreError where it is none, or a newer one."""
    if not backup.is_file():
        raise StoreError(f"There is no file {backup}.", "`understudy paths` says where backups are.")
    hint = "`understudy db backup` makes one. Nothing was changed."
    try:
        schema = inspect(backup)
    except StoreError as error:
        if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        raise StoreError(f"{backup} is no backup of a journal.", hint) from None
    if schema == 0:
        raise StoreError(f"{backup} is empty.", hint)
    return schema


def restore(folder: Path, source: Path, keep_in: Path, patience: float = PATIENCE) -> Restored:
    """Put a copy in the place of the journal, whole or not at all; what was there is kept aside, in `keep_in`.

    Raises StoreError where the file is no journal, is damaged or newer, or where others use the journal.
    """
    schema = schema_of(source)
    path = folder / NAME
    prepare_files(path)
    lock, deadline = FileLock(folder / "journal.lock"), time.monotonic() + patience
    with translated(path):
        try:
            with lock.held(lambda: deadline):
                _must_be_alone(path)
                for left in folder.glob(f"{NAME}.*.part"):  # of one that was killed
                    left.unlink()
                with _part(path) as part:
                    with translated(source), closing(reading(source)) as given, closing(_writing(part)) as target:
                        given.backup(target)
                        _give_blobs(target, Blobs(folder / "blobs"))
                    _must_be_sound(part)
                    _sync(part)
                    kept = _keep_aside(path, keep_in)
                    _must_be_alone(path)
                    os.replace(part, path)
                sync_folder(folder)
        finally:
            lock.close()
    return Restored(kept, schema)


def vacuum(folder: Path, patience: float = PATIENCE) -> tuple[Sizes, Sizes]:
    """Give back the room that nothing uses any more. What it took before and takes now. Raises StoreError."""
    before, path = sizes(folder), _existing(folder)
    lock, deadline = FileLock(folder / "journal.lock"), time.monotonic() + patience
    with translated(path):
        try:
            with closing(sqlite3.connect(address(path), **options(patience))) as connection:
                prepare_write(connection, lock, lambda: deadline)
                with lock.held(lambda: deadline):
                    connection.execute("VACUUM")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                    # Closed under the lock: the last one to close checkpoints.
                    connection.close()
        finally:
            lock.close()
    return before, sizes(folder)


def _existing(folder: Path) -> Path:
    path = folder / NAME
    if not path.exists():
        raise StoreError(f"There is no journal in {folder}.", "The first run makes one.")
    return path


def reading(path: Path) -> sqlite3.Connection:
    """A connection that can change nothing."""
    connection = sqlite3.Connection(address(path, "ro"), **options(PATIENCE))
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    return connection


def _writing(path: Path) -> sqlite3.Connection:
    connection = sqlite3.Connection(address(path), **options(PATIENCE))
    for pragma in ("trusted_schema=OFF", "synchronous=FULL", "secure_delete=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """An empty private file beside the path, which is gone in the end under that name."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    os.close(open_private(part))
    try:
        yield part
    finally:
        for each in (part, *(part.with_name(f"{part.name}-{more}") for more in ("wal", "shm", "journal"))):
            each.unlink(missing_ok=True)


def _named(connection: sqlite3.Connection) -> set[str]:
    """The blobs that events name."""
    return {name for (blobs,) in connection.execute(NAMED) for name in json.loads(blobs).values()}


def _problem_of(path: Path, name: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return "" if hashlib.sha256(data).hexdigest() == name else f"{path} is not what was written"


def _take_blobs(connection: sqlite3.Connection, blobs: Blobs) -> None:
    """Put the large values into a copy, which then needs nothing beside it."""
    connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE kept_blobs (name TEXT PRIMARY KEY, data TEXT NOT NULL)")
    for name in sorted(_named(connection)):
        connection.execute("INSERT INTO kept_blobs VALUES (?, ?)", (name, blobs.load(name)))
    connection.execute("COMMIT")


def _give_blobs(connection: sqlite3.Connection, blobs: Blobs) -> None:
    """Take the large values out of a copy. They are durable before it can take the journal's place."""
    connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    has_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kept_blobs'"
    if connection.execute(has_table).fetchone():
        for name, text in connection.execute("SELECT name, data FROM kept_blobs"):
            blob = Blob.of(text)
            if blob.name != name:
                raise StoreError("A large value of the backup is damaged.", "Take another backup; nothing was changed.")
            blobs.save(blob)
        connection.execute("DROP TABLE kept_blobs")
        connection.execute("VACUUM")
    for name in sorted(_named(connection)):
        blobs.load(name)  # raises where it is not there


def _must_be_sound(path: Path) -> None:
    with closing(reading(path)) as connection:
        found = connection.execute(f"PRAGMA integrity_check({MOST})").fetchall()
    if found != [("ok",)]:
        raise StoreError(f"The copy is damaged: {found[0][0]}.", "Nothing was changed. Take another backup.")


def must_be_alone(folder: Path) -> None:
    """Raises StoreError where any process uses the journal. Not to be asked by one that uses it itself."""
    path = folder / NAME
    if path.exists():
        with translated(path):
            _must_be_alone(path)


def _must_be_alone(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED[1], _SHARED[0])
    except (BlockingIOError, PermissionError):
        raise StoreError(
            f"Another process uses {path}.", "Stop `understudy serve`, runs and screens first. Nothing was changed."
        ) from None
    finally:
        os.close(descriptor)


def _keep_aside(path: Path, folder: Path) -> Path | None:
    """Keep the journal that is there: as a backup where it is whole, else its files as they are."""
    if path.stat().st_size == 0:
        return None
    make_folder(folder)
    name = time.strftime("before-restore-%Y%m%d-%H%M%S", time.gmtime())
    kept = folder / f"{name}-{secrets.token_hex(2)}.db"
    try:
        with closing(_writing(path)) as connection:
            # Into the one file: a log that is left beside another database would be taken for its own.
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        back_up(path.parent, kept)
    except (sqlite3.Error, StoreError, ValueError):
        # It is damaged, which may be why another is to take its place.
        for more in ("", "-wal"):
            if (part := path.with_name(path.name + more)).exists():
                shutil.copy2(part, kept.with_name(kept.name + more))
                _sync(kept.with_name(kept.name + more))
        for more in ("-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + more).unlink()
    return kept


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


CURRENT = len(STEPS)
"""The schema of this release."""
