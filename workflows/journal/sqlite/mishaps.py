"""What SQLite and the file system complain of, as errors that a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflows.journal.port import StorageFull, StoreError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
_NOT_OURS = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ELOOP)
"""Something else is where a file or a folder of the journal belongs."""

_MAKE_ROOM = "Free some space on that disk."


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise sqlite3.Error and OSError as StoreError. `path` is the database's."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise translate(error, path) from error


def translate(error: BaseException, path: Path) -> StoreError:
    """The StoreError that says what happened to the database at `path`, and what to do."""
    match error:
        case StoreError():
            return error
        case sqlite3.Error():
            return _of_sqlite(error, path)
        case OSError(errno=number) if number in _NO_ROOM:
            return StorageFull(f"There is no room left for {error.filename or path.parent}.", _MAKE_ROOM)
        case OSError(errno=number) if number in _NO_RIGHT:
            return _unwritable(Path(error.filename or path.parent))
        case OSError(errno=number) if number in _NOT_OURS and error.filename:
            return StoreError(
                f"{error.filename} is not what belongs there ({error.strerror}).", "Move it away; it is made again."
            )
        case OSError():
            return StoreError(f"{error.filename or path}: {error.strerror}.", "See that the disk is there and healthy.")
    return StoreError(f"Writing to {path} failed: {error!r}.", "This is a mistake in the program; nothing was written.")


def _of_sqlite(error: sqlite3.Error, path: Path) -> StoreError:
    if path.is_dir():
        return StoreError(f"{path} is a folder where the journal belongs.", "Move it away.")
    if path.parent.is_file():
        return StoreError(f"{path.parent} is a file where the journal's folder belongs.", "Move it away.")
    # Errors that the sqlite3 module itself raises carry no code.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StorageFull(f"There is no room left for {path}.", _MAKE_ROOM)
        case sqlite3.SQLITE_IOERR:
            return StorageFull(
                f"The disk refuses {path} ({error.sqlite_errorname}).",
                "See that it has room and is healthy.",
            )
        case sqlite3.SQLITE_NOTADB:
            return StoreError(
                f"{path} is not a journal, nor any SQLite database.",
                "It was left as it is. `understudy db restore FILE` puts a backup in its place. "
                "Without one move it away; a new journal is then begun.",
            )
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(
                f"{path} is damaged ({error}).",
                "`understudy db restore FILE` puts a backup in its place, and keeps what is there. "
                "Without one copy its folder, and save what can be read with `sqlite3 journal.db .recover`.",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(f"Another program has locked {path}.", "Close what has it open, then try again.")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return _unwritable(path)
    return StoreError(f"{path}: {error}.", "Nothing was written. `understudy doctor` looks at the journal.")


def _unwritable(path: Path) -> StoreError:
    return StoreError(
        f"{path} cannot be written: it or its folder is read-only for this user.",
        "Give yourself the right to write there, or set UNDERSTUDY_HOME to another folder.",
    )
