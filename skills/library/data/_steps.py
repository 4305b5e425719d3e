"""Steps that a table goes through, written as words: `keep id, date`, `where amount >= 10`, `sum x by y`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from skills import SkillError
from skills.library.data._files import Row
from skills.library.data._values import as_date, as_number, as_phone, day_first, filled, is_date, mostly, phone_column
from workflows.values import canonical

EXAMPLES = (
    "trim",
    "drop empty rows",
    "drop duplicates by id",
    "keep id, date",
    "drop notes",
    "rename old to new",
    "where date >= 2024-01-01",
    "fill country with DE",
    "dates",
    "numbers",
    "phones +49",
    "lower email",
    "set total = price * amount",
    "sum amount by customer",
    "count by country",
    "sort by date desc",
    "first 100",
)
"""One of each kind."""

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "*": operator.mul,
    "+": operator.add,
    "-": operator.sub,
    "/": operator.truediv,
}


@dataclass(frozen=True)
class Stage:
    """A table on its way: columns and rows, and what is worth telling of the last step."""

    columns: tuple[str, ...]
    rows: list[Row]
    note: str = ""


def apply_step(words: str, table: Stage) -> Stage:
    """The table after a step. Raises SkillError (`validation`) for words that are no step, or a column it has not."""
    text = " ".join(words.split())
    for pattern, act in _KINDS:
        if match := re.fullmatch(pattern, text, re.IGNORECASE):
            return act(table, match)
    hint = "such as " + "; ".join(EXAMPLES)
    raise SkillError(f"'{words[:100]}' is no step that a table can go through", hint, "validation")


def column_names(table: Stage, said: str | None) -> list[str]:
    """Columns by their names, in any case. Raises SkillError for one that is not there."""
    known = {name.lower(): name for name in table.columns}
    names = [name.strip().strip("`\"'") for name in (said or "").split(",") if name.strip()]
    for name in names:
        if name not in table.columns and name.lower() not in known:
            there = ", ".join(table.columns[:20]) or "none"
            raise SkillError(f"there is no column '{name}'", f"there are {there}", "validation")
    return [name if name in table.columns else known[name.lower()] for name in names]


def _trim(table: Stage, match: re.Match[str]) -> Stage:
    return _changed(table, table.columns, lambda value: " ".join(value.split()) if isinstance(value, str) else None)


def _drop_empty(table: Stage, match: re.Match[str]) -> Stage:
    rows = [row for row in table.rows if any(filled(value) for value in row.values())]
    return Stage(table.columns, rows, f"{len(table.rows) - len(rows)} empty rows dropped")


def _drop_duplicates(table: Stage, match: re.Match[str]) -> Stage:
    by = column_names(table, match["by"])
    seen: set[str] = set()
    rows: list[Row] = []
    for row in table.rows:
        key = canonical([row.get(name) for name in by or table.columns])
        if key not in seen:
            seen.add(key)
            rows.append(row)
    return Stage(table.columns, rows, f"{len(table.rows) - len(rows)} duplicates dropped")


def _keep(table: Stage, match: re.Match[str]) -> Stage:
    names = column_names(table, match["names"])
    return Stage(tuple(names), [{name: row.get(name) for name in names} for row in table.rows])


def _drop(table: Stage, match: re.Match[str]) -> Stage:
    names = set(column_names(table, match["names"]))
    kept = tuple(name for name in table.columns if name not in names)
    return Stage(kept, [{name: row.get(name) for name in kept} for row in table.rows])


def _rename(table: Stage, match: re.Match[str]) -> Stage:
    pairs = [
        re.split(r"\s+(?:to|as)\s+", each.strip(), maxsplit=1, flags=re.IGNORECASE)
        for each in match["pairs"].split(",")
    ]
    if any(len(pair) != 2 for pair in pairs):
        raise SkillError(f"'{match[0]}' does not say what becomes what", "rename old to new", "validation")
    new = {column_names(table, old)[0]: name for old, name in pairs}
    columns = tuple(new.get(name, name) for name in table.columns)
    return Stage(columns, [{new.get(name, name): value for name, value in row.items()} for row in table.rows])


def _where(table: Stage, match: re.Match[str]) -> Stage:
    rows, before = table.rows, len(table.rows)
    for part in re.split(r"\s+and\s+", match["test"], flags=re.IGNORECASE):
        test = _test(table, part)
        rows = [row for row in rows if test(row)]
    return Stage(table.columns, rows, f"{before - len(rows)} rows left out")


def _test(table: Stage, text: str) -> Callable[[Row], bool]:
    if match := re.fullmatch(r"(.+?) is (not )?(?:empty|null)", text, re.IGNORECASE):
        (name,), wanted = column_names(table, match[1]), bool(match[2])
        return lambda row: filled(row.get(name)) == wanted
    if match := re.fullmatch(r"(.+?) (not )?in (.+)", text, re.IGNORECASE):
        (name,), inside = column_names(table, match[1]), not match[2]
        among = {each.strip(" '\"()[]") for each in match[3].split(",")}
        return lambda row: (str(row.get(name)) in among) == inside
    if match := re.fullmatch(r"(.+?) contains (.+)", text, re.IGNORECASE):
        (name,), part = column_names(table, match[1]), match[2].strip("'\"").lower()
        return lambda row: part in str(row.get(name) or "").lower()
    if match := re.fullmatch(r"(.+?)\s*(>=|<=|!=|==|=|>|<)\s*(.+)", text):
        (name,), compare, value = column_names(table, match[1]), COMPARE[match[2]], match[3].strip().strip("'\"")
        return lambda row: holds(row.get(name), compare, value)
    raise SkillError(f"'{text[:100]}' is no condition", "such as `where amount >= 10 and country = DE`", "validation")


def holds(value: Any, compare: Callable[[Any, Any], bool], wanted: str) -> bool:
    if not filled(value):
        return compare is operator.ne
    if (left := as_number(value)) is not None and (right := as_number(wanted)) is not None:
        return compare(left, right)
    left_date, right_date = (
        as_date(value),
        as_date(wanted) or (f"{wanted}-01-01" if re.fullmatch(r"\d{4}", wanted) else None),
    )
    if left_date and right_date:
        return compare(left_date, right_date)
    return compare(str(value), wanted)


def _fill(table: Stage, match: re.Match[str]) -> Stage:
    (name,) = column_names(table, match["name"])
    value = match["value"].strip("'\"")
    count = sum(not filled(row.get(name)) for row in table.rows)
    rows = [row if filled(row.get(name)) else {**row, name: value} for row in table.rows]
    return Stage(table.columns, rows, f"{count} gaps filled")


def _dates(table: Stage, match: re.Match[str]) -> Stage:
    order = {"day": True, "month": False}.get((match["order"] or "").lower())
    chosen = column_names(table, match["names"])
    done, left = 0, list[str]()
    rows = [dict(row) for row in table.rows]
    for name in chosen or table.columns:
        values = [row.get(name) for row in rows]
        first = order if order is not None else day_first(values)
        if not chosen and not mostly(values, is_date):
            continue
        for row in rows:
            value = row.get(name)
            new = as_date(value, first)
            if new is not None and new != value:
                row[name] = new
                done += 1
            elif new is None and filled(value):
                left.append(f"{name} {value}")
    note = f"{done} dates written anew"
    if left:
        note += (
            f"; {len(left)} left as they are, because they can be read in two ways or are none: {', '.join(left[:3])}"
        )
    return Stage(table.columns, rows, note)


def _numbers(table: Stage, match: re.Match[str]) -> Stage:
    chosen = column_names(table, match["names"])
    names = chosen or [
        name
        for name in table.columns
        if not phone_column(name, ())
        and mostly((row.get(name) for row in table.rows), as_number)
        and not any(re.match(r"0\d", str(row.get(name))) for row in table.rows)
    ]
    as_text = lambda value: None if (number := as_number(value)) is None else _written(number, value)  # noqa: E731  # one line
    return _changed(table, names, as_text)


def _written(number: float, value: Any) -> Any:
    return str(number) if isinstance(value, str) else number


def _phones(table: Stage, match: re.Match[str]) -> Stage:
    prefix, chosen = match["prefix"] or "", column_names(table, match["names"])
    names = chosen or [name for name in table.columns if phone_column(name, (row.get(name) for row in table.rows))]
    return _changed(table, names, lambda value: as_phone(value, prefix))


def _case(table: Stage, match: re.Match[str]) -> Stage:
    change = str.lower if match["case"].lower() == "lower" else str.upper
    return _changed(
        table, column_names(table, match["names"]), lambda value: change(value) if isinstance(value, str) else None
    )


def _changed(table: Stage, names: Sequence[str], change: Callable[[Any], Any]) -> Stage:
    """Each value of these columns changed; None leaves it as it is."""
    done = 0
    rows = [dict(row) for row in table.rows]
    for row in rows:
        for name in names:
            new = change(row.get(name))
            if new is not None and new != row.get(name):
                row[name] = new
                done += 1
    return Stage(table.columns, rows, f"{done} values written anew")


def _set(table: Stage, match: re.Match[str]) -> Stage:
    name, said = match["name"].strip("`\"'"), match["value"].strip()
    columns = table.columns if name in table.columns else (*table.columns, name)
    if parts := re.fullmatch(r"(.+?)\s+([*+/-])\s+(.+)", said):
        act = _ARITHMETIC[parts[2]]
        left, right = (_operand(table, parts[place]) for place in (1, 3))
        return Stage(columns, [{**row, name: _calculated(act, left(row), right(row))} for row in table.rows])
    if said.lower() in {each.lower() for each in table.columns}:
        (source,) = column_names(table, said)
        return Stage(columns, [{**row, name: row.get(source)} for row in table.rows])
    return Stage(columns, [{**row, name: said.strip("'\"")} for row in table.rows])


def _operand(table: Stage, text: str) -> Callable[[Row], float | None]:
    if (number := as_number(text)) is not None:
        return lambda row: number
    (name,) = column_names(table, text)
    return lambda row: as_number(row.get(name))


def _calculated(act: Callable[[float, float], float], left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (act is operator.truediv and right == 0):
        return None
    result = round(act(left, right), 10)
    return int(result) if result == int(result) and abs(result) < 2**53 else result


def _group(table: Stage, match: re.Match[str]) -> Stage:
    how, by = match["how"].lower(), column_names(table, match["by"])
    of = column_names(table, match["of"]) if match["of"] else []
    if how != "count" and not of:
        raise SkillError(f"'{match[0]}' does not say of what", "sum amount by customer", "validation")
    groups: dict[str, list[Row]] = {}
    for row in table.rows:
        groups.setdefault(canonical([row.get(name) for name in by]), []).append(row)
    made: list[Row] = []
    for rows in groups.values():
        made.append({name: rows[0].get(name) for name in by})
        for name in of:
            numbers = [number for row in rows if (number := as_number(row.get(name))) is not None]
            made[-1][name if how == "sum" else f"{how}_{name}"] = _folded(how, numbers)
        if how == "count":
            made[-1]["count"] = len(rows)
    columns = (*by, *(name if how == "sum" else f"{how}_{name}" for name in of), *(["count"] if how == "count" else []))
    return Stage(columns, made, f"{len(made)} groups")


_FOLD: dict[str, Callable[[Sequence[float]], float]] = {"min": min, "max": max, "average": fmean}


def _folded(how: str, numbers: Sequence[float]) -> float | None:
    if how == "count":
        return len(numbers)
    if not numbers:
        return None
    found = sum(numbers) if how == "sum" else _FOLD[how](numbers)
    return round(found, 10) if isinstance(found, float) else found


def _sort(table: Stage, match: re.Match[str]) -> Stage:
    rows = list(table.rows)
    for part in reversed(match["by"].split(",")):
        found = re.fullmatch(r"(.+?)(?:\s+(asc|desc)(?:ending)?)?", part.strip(), re.IGNORECASE)
        assert found  # the pattern fits any text
        (name,) = column_names(table, found[1])
        rows.sort(key=lambda row, name=name: _order(row.get(name)), reverse=(found[2] or "").lower() == "desc")  # type: ignore[misc]  # a default binds the name
    return Stage(table.columns, rows)


def _order(value: Any) -> tuple[int, float, str]:
    number = as_number(value)
    return (2, 0, "") if not filled(value) else (0, number, "") if number is not None else (1, 0, str(value))


def _first(table: Stage, match: re.Match[str]) -> Stage:
    return Stage(table.columns, table.rows[: int(match["count"])])


_OF = r"(?:\s+(?:of|in)\s+(?P<names>.+?))?"
_KINDS: tuple[tuple[str, Callable[[Stage, re.Match[str]], Stage]], ...] = (
    (r"trim", _trim),
    (r"drop[ _]empty(?:[ _]rows)?", _drop_empty),
    (r"(?:drop[ _]duplicates|dedupe|deduplicate)(?:\s+(?:by|on)\s+(?P<by>.+))?", _drop_duplicates),
    (r"(?:keep|select|columns)\s+(?P<names>.+)", _keep),
    (r"(?:drop|remove)\s+(?P<names>.+)", _drop),
    (r"rename\s+(?P<pairs>.+)", _rename),
    (r"(?:where|filter)\s+(?P<test>.+)", _where),
    (r"fill\s+(?P<name>.+?)\s+with\s+(?P<value>.+)", _fill),
    (rf"dates{_OF}(?:\s+(?P<order>day|month)[ -]first)?", _dates),
    (rf"numbers{_OF}", _numbers),
    (rf"phones(?:\s+(?P<prefix>\+?\d+))?{_OF}", _phones),
    (r"(?P<case>lower|upper)\s+(?P<names>.+)", _case),
    (r"set\s+(?P<name>.+?)\s*=\s*(?P<value>.+)", _set),
    (r"(?P<how>sum|average|min|max|count)(?:\s+(?P<of>.+?))?\s+(?:by|per)\s+(?P<by>.+)", _group),
    (r"sort(?:\s+by)?\s+(?P<by>.+)", _sort),
    (r"(?:first|limit|head)\s+(?P<count>\d+)", _first),
)
