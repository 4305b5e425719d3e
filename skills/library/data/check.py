"""`table.check`: whether tables keep the rules that were made for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skills import Context, SkillError, skill
from skills.library.data._files import Row, read_rows
from skills.library.data._rules import check_rule
from skills.library.data.sqlite_query import ask
from skills.paths import shown
from workflows.values import Json, canonical

_DATABASES = (".db", ".sqlite", ".sqlite3")
_MOST_ROWS = 100_000
_MOST_TABLES = 50
_TABLES = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name"

_Table = tuple[str, Sequence[str], list[Row], int]
"""Its name, columns, rows, and how many rows are too long or too short."""


@skill(name="table.check", effect="pure", touches=["reads"])
async def check(
    context: Context,
    path: Path,
    rules: list[str] | None = None,
    baseline: Path | None = None,
    threshold: float = 20,
    table: str = "",
    usual: bool = True,
    fail: bool = True,
) -> dict[str, Json]:
    """Check tables by rules: whether they are complete, unique, in range, fresh, and about as long as before.

    A rule is a text: `id is unique`, `email is not empty`, `amount >= 0`, `share between 0 and 1`, `status in new,
    paid`, `date is a date`, `price is a number`, `email is an email`, `newest within 1d`, `rows >= 10`.

    Args:
        path: A CSV, TSV, JSON or JSON Lines file, a folder of them or a pattern; or a SQLite database.
        rules: The rules.
        baseline: An earlier one of the same kind: how many rows there are may differ from it by `threshold`.
        threshold: Percent.
        table: The table of a database; all of them if not given. A rule is for those that have its columns.
        usual: Whether to look besides for what no table should be: empty, with rows too long, too short or the same.
        fail: Whether a broken rule is a failure.

    Returns: {path, tables: [{name, rows, columns}], checked, broken: [{table, rule, rows, count, note}], report}.
        `rows` of a broken rule are the first 20, counted from 1. `report` is all of it as Markdown.
    """
    tables = await _tables(context, path, table)
    checked, broken = 0, list[dict[str, Json]]()
    for name, columns, rows, ragged in tables:
        for rule in rules or ():
            if len(tables) > 1 and not _meant(rule, columns):
                continue
            kept = check_rule(rule, columns, rows, datetime.now(UTC))
            checked += 1
            if kept.broken:
                broken.append(_broken(name, rule, kept.rows, kept.note))
        broken += _usual(name, rows, ragged) if usual else []
        checked += 3 * usual
    if baseline is not None:
        before = {name: len(rows) for name, _, rows, _ in await _tables(context, baseline, table)}
        alone = next(iter(before.values()), None) if len(before) == len(tables) == 1 else None
        for name, _, rows, _ in tables:
            old = before.get(name, alone)
            checked += 1
            if old is not None and abs(len(rows) - old) > old * threshold / 100:
                rule, note = (
                    f"rows within {threshold:g} % of {shown(context.root, baseline)}",
                    f"{len(rows)}, before {old}",
                )
                broken.append(_broken(name, rule, (), note))
    result: dict[str, Json] = {
        "path": shown(context.root, path),
        "tables": [{"name": name, "rows": len(rows), "columns": list(columns)} for name, columns, rows, _ in tables],
        "checked": checked,
        "broken": list(broken),
    }
    result["report"] = _report(result)
    context.emit(str(result["report"]))
    if broken and fail:
        first = broken[0]
        message = f"{len(broken)} of {checked} rules do not hold: {first['table']}: {first['rule']}"
        raise SkillError(message, str(first["note"]), "business", **result)
    return result


async def _tables(context: Context, path: Path, table: str) -> list[_Table]:
    if path.suffix.lower() not in _DATABASES:
        read = read_rows(context, path)
        return [(shown(context.root, path), read.columns, read.rows, read.ragged)]
    names = (
        [table]
        if table
        else [str(row["name"]) for row in (await ask(context, path, _TABLES, limit=_MOST_TABLES))["rows"]]
    )
    found: list[_Table] = []
    for name in names:
        quoted = name.replace('"', '""')
        query = f'select * from "{quoted}"'  # noqa: S608  # a quoted name; the database is only read
        answer = await ask(context, path, query, limit=_MOST_ROWS)
        found.append((name, answer["columns"], answer["rows"], 0))
    if not found:
        raise SkillError(f"{shown(context.root, path)} has no tables", "", "business")
    return found


def _meant(rule: str, columns: Sequence[str]) -> bool:
    """Whether a rule is for a table with these columns, where there are several tables."""
    said = rule.lower()
    return said.startswith(("rows", "newest")) or any(said.startswith(name.lower()) for name in columns)


def _usual(name: str, rows: list[Row], ragged: int) -> list[dict[str, Json]]:
    """What no rule has to say."""
    seen: set[str] = set()
    again = [number for number, row in enumerate(rows, 1) if (key := canonical(row)) in seen or seen.add(key)]  # type: ignore[func-returns-value]  # add gives None
    found = []
    if not rows:
        found.append(_broken(name, "there are rows", (), "the table is empty"))
    if ragged:
        found.append(_broken(name, "every row has as many fields as there are columns", (), f"{ragged} rows have not"))
    if again:
        found.append(_broken(name, "no row comes twice", again, f"{len(again)} came before, word for word"))
    return found


def _broken(table: str, rule: str, rows: Sequence[int], note: str) -> dict[str, Json]:
    return {"table": table, "rule": rule, "rows": list(rows[:20]), "count": len(rows), "note": note}


def _report(result: Mapping[str, Any]) -> str:
    lines = [f"# Data quality of {result['path']}", ""]
    lines += [f"- {each['name']}: {each['rows']} rows, {len(each['columns'])} columns" for each in result["tables"]]
    lines += ["", f"{len(result['broken'])} of {result['checked']} rules do not hold."]
    for each in result["broken"]:
        rows = (
            f" (rows {', '.join(map(str, each['rows'][:5]))}{' …' if each['count'] > 5 else ''})"
            if each["rows"]
            else ""
        )
        lines.append(f"- **{each['table']}**: {each['rule']}{rows}. {each['note']}")
    return "\n".join(lines) + "\n"
