"""`sqlite.query`: rows of a SQLite database, which is only read."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill
from skills.paths import open_beneath, shown
from workflows.values import Json

_SECONDS = 20.0
_STEPS = 10_000
"""Instructions of SQLite's machine between looks at the clock."""
_LONGEST = 100_000
_LONGEST_VALUE = 4 * 1024 * 1024
_MOST_COLUMNS = 500
_MOST_TEXT = 4 * 1024 * 1024
"""Bounds of a value while a query runs, of columns, and of all texts: a short query can ask for anything."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_PRAGMAS = frozenset({"table_info", "table_list", "index_list", "index_info", "foreign_key_list", "user_version"})


@skill(name="sqlite.query", effect="pure", touches=["reads"])
def query(
    context: Context, path: Path, sql: str, parameters: list[Any] | None = None, limit: int = 1000
) -> dict[str, Json]:
    """Ask a SQLite database of the workspace. It is opened to read only: nothing that changes it is allowed.

    `select name, sql from sqlite_schema` shows its tables.

    Args:
        path: The database.
        sql: One SELECT, with `?` for each parameter.
        parameters: What the `?` stand for.
        limit: How many rows at most.

    Returns: {path, columns, rows: [{column: value}], truncated}. Binary values are given as {bytes: their number}.
    """
    name = shown(context.root, path)
    try:
        mode = _mode(context.root, path)
    except FileNotFoundError:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency") from None
    connection = sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=5)
    until = time.monotonic() + _SECONDS
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
        connection.execute("PRAGMA query_only=ON").close()
        connection.execute("PRAGMA trusted_schema=OFF").close()
        connection.set_authorizer(_authorise)
        connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        cursor = connection.execute(sql, parameters or [])
        columns = [column[0] for column in cursor.description or ()]
        rows, more = _rows(cursor, columns, limit)
    except sqlite3.Error as error:
        raise _failure(name, error, until) from None
    except (OverflowError, sqlite3.Warning) as error:
        raise SkillError(f"{name} cannot be asked this: {error}", "", "validation") from None
    finally:
        connection.close()
    if not columns:
        raise SkillError("the statement gives no rows", "sqlite.query only reads: one SELECT", "validation")
    return {"path": name, "columns": list(columns), "rows": rows, "truncated": more}


def _mode(root: Path, path: Path) -> str:
    """How it is opened: as what nobody changes where it has a log for writers, and no writer. SQLite would make the
    files of that log, and leave them (SQLite, "Write-Ahead Logging", "Read-Only Databases")."""
    with open(open_beneath(root, path), "rb") as file:
        logged = file.read(20)[18:] == b"\x02\x02"
    return "immutable=1" if logged and not path.with_name(f"{path.name}-wal").exists() else "mode=ro"


def _rows(cursor: sqlite3.Cursor, columns: list[str], limit: int) -> tuple[list[Json], bool]:
    """At most `limit` rows, one at a time, and whether there are more; no more of them than a result can have."""
    rows: list[Json] = []
    size = 0
    for row in cursor:
        if len(rows) >= limit:
            return rows, True
        values = [_value(value) for value in row]
        size += sum(len(value) if isinstance(value, str) else 8 for value in values)
        if size > _MOST_TEXT:
            raise SkillError(f"the rows have more than {_MOST_TEXT // 1024**2} MB of text", "ask for less", "resource")
        rows.append(dict(zip(columns, values, strict=True)))
    return rows, False


def _authorise(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """Reading alone (SQLite, "Compile-Time Authorization Callbacks"); no other file, no extension."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _PRAGMAS and not _sets(first, second) else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "readfile", "writefile", "edit"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _sets(pragma: str | None, value: str | None) -> bool:
    return pragma == "user_version" and value is not None


def _failure(name: str, error: sqlite3.Error, until: float) -> SkillError:
    if "interrupted" in str(error) and time.monotonic() > until:
        return SkillError(f"the query was ended: it took longer than {_SECONDS:g} s", "ask for less", "timeout")
    if "not authorized" in str(error) or "prohibited" in str(error) or "readonly" in str(error):
        return SkillError("the statement does more than read, and is not run", "one SELECT", "denied")
    if "locked" in str(error):
        return SkillError(f"{name} is in use by somebody who writes to it", "try again", "transient")
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return SkillError(f"{name} is no SQLite database", "", "validation")
    return SkillError(f"{name}: {error}", "`select name, sql from sqlite_schema` shows its tables", "validation")


def _value(value: Any) -> Json:
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, float) and value - value != 0:  # infinite, or no number at all
        return None
    return value[:_LONGEST] if isinstance(value, str) else value
