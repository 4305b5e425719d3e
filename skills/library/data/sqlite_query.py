"""`sqlite.query`: rows of a SQLite database, which is only read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill
from skills.asking import ask_program
from skills.paths import open_beneath, shown
from workflows.values import Json

_ASK = Path(__file__).with_name("_ask.py")
_SECONDS = 20.0
_MAX_OUTPUT = 32 * 1024 * 1024


@skill(name="sqlite.query", effect="pure", touches=["reads"])
async def query(
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
    return await ask(context, path, sql, parameters, limit)


async def ask(
    context: Context, path: Path, sql: str, parameters: list[Any] | None = None, limit: int = 1000
) -> dict[str, Any]:
    """The same, for other skills. Raises SkillError."""
    name = shown(context.root, path)
    try:
        uri = f"{path.as_uri()}?{_mode(context.root, path)}"
    except FileNotFoundError:
        raise SkillError(f"there is no file {name}", "file.list shows what there is", "dependency") from None
    request = {"uri": uri, "sql": sql, "parameters": parameters or [], "limit": limit}
    answer = await ask_program(
        _ASK, request, context, doing="the query", hint="ask for less", seconds=_SECONDS, most=_MAX_OUTPUT
    )
    if "error" in answer:
        raise _failure(name, answer["error"])
    if not answer["columns"]:
        raise SkillError("the statement gives no rows", "sqlite.query only reads: one SELECT", "validation")
    return {"path": name, **answer}


def _mode(root: Path, path: Path) -> str:
    """How it is opened: as what nobody changes where it has a log for writers, and no writer. SQLite would make the
    files of that log, and leave them (SQLite, "Write-Ahead Logging", "Read-Only Databases")."""
    with open(open_beneath(root, path), "rb") as file:
        logged = file.read(20)[18:] == b"\x02\x02"
    return "immutable=1" if logged and not path.with_name(f"{path.name}-wal").exists() else "mode=ro"


def _failure(name: str, error: str) -> SkillError:
    if error in ("more than 4 MB of text", "out of memory"):
        return SkillError(f"the rows that {name} was asked for cannot be given: {error}", "ask for less", "resource")
    if "not authorized" in error or "authorization denied" in error or "prohibited" in error or "readonly" in error:
        return SkillError("the statement does more than read, and is not run", "one SELECT", "denied")
    if "locked" in error:
        return SkillError(f"{name} is in use by somebody who writes to it", "try again", "transient")
    if "not a database" in error:
        return SkillError(f"{name} is no SQLite database", "", "validation")
    return SkillError(f"{name}: {error}", "`select name, sql from sqlite_schema` shows its tables", "validation")
