"""The program that `sqlite.query` runs: a query, or a database that was made for it, can ask for any amount of time and
memory within one function of SQLite, which nothing but the end of its process stops.

Run by its path, with {uri, sql, parameters, limit} as JSON on stdin; writes {columns, rows, truncated} or {error}.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from typing import Any

_MAX_MEMORY = 1024**3
_LONGEST = 100_000
_LONGEST_VALUE = 4 * 1024 * 1024
_MOST_COLUMNS = 500
_MOST_TEXT = 4 * 1024 * 1024
"""Bounds of a value while a query runs, of columns, and of all texts: a short query can ask for anything."""
_MOST_DISK = 1024**3
"""Bytes of one temporary file, into which SQLite sorts."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_PRAGMAS = frozenset({"table_info", "table_list", "index_list", "index_info", "foreign_key_list", "user_version"})


def main() -> None:
    """Ask, and write what was answered."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_DISK, _MOST_DISK))
    try:
        answer = _ask(request["uri"], request["sql"], request["parameters"], request["limit"])
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "out of memory"}
    json.dump(answer, sys.stdout)


def _ask(uri: str, sql: str, parameters: list[Any], limit: int) -> dict[str, Any]:
    connection = sqlite3.connect(uri, uri=True, timeout=5)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
    connection.execute("PRAGMA query_only=ON").close()
    connection.execute("PRAGMA trusted_schema=OFF").close()
    connection.execute("PRAGMA cell_size_check=ON").close()
    connection.set_authorizer(_authorise)
    cursor = connection.execute(sql, parameters)
    columns = [column[0] for column in cursor.description or ()]
    rows: list[dict[str, Any]] = []
    size = 0
    for row in cursor:
        if len(rows) >= limit:
            return {"columns": columns, "rows": rows, "truncated": True}
        values = [_value(value) for value in row]
        size += sum(len(value) if isinstance(value, str) else 8 for value in values)
        if size > _MOST_TEXT:
            return {"error": "more than 4 MB of text"}
        rows.append(dict(zip(columns, values, strict=True)))
    return {"columns": columns, "rows": rows, "truncated": False}


def _authorise(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """Reading alone (SQLite, "Compile-Time Authorization Callbacks"); no other file, no extension."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _PRAGMAS and not _sets(first, second) else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "readfile", "writefile", "edit"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _sets(pragma: str | None, value: str | None) -> bool:
    return pragma == "user_version" and value is not None


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, float) and value - value != 0:  # infinite, or no number at all
        return None
    return value[:_LONGEST] if isinstance(value, str) else value


if __name__ == "__main__":
    main()
