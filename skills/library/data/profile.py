"""`table.profile`: what the columns of a table hold, and what is odd about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from statistics import fmean, median, quantiles
from typing import Any

from skills import SkillError, skill
from workflows.values import Json, canonical

_EXAMPLES = 5
_MOST_FIELDS = 2_000_000

_SEVERAL = 0.9
"""From this share on, of the same type, the rest of a column are outliers in type."""


@skill(name="table.profile", effect="pure")
def profile(rows: list[dict[str, Any]], unique_by: list[str] | None = None) -> dict[str, Json]:
    """Describe the columns of a table, and find what is odd: gaps, mixed types, outliers, rows that come twice.

    Args:
        rows: Objects, one a row, as csv.read and sqlite.query give them.
        unique_by: Columns that together should tell the rows apart.

    Returns: {rows, columns: [{name, filled, missing, distinct, type, types, min, max, mean, median, common: [{value,
        count}]}], duplicates, findings: [{column, kind, rows, text}]}. `duplicates` counts rows that are there already;
        `kind` is missing, constant, mixed, outliers, duplicates or key. Outliers lie more than 3 times the
        distance of the quartiles outside of them (Tukey, Exploratory Data Analysis, "far out").
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) * len(rows) > _MOST_FIELDS:
        message = f"{len(rows):,} rows with {len(names):,} columns between them are too many"
        raise SkillError(message, f"at most {_MOST_FIELDS:,} fields: give it fewer rows or columns", "resource")
    described = [_describe(name, [row.get(name) for row in rows]) for name in names]
    findings = [finding for name in names for finding in _odd(name, [row.get(name) for row in rows])]
    repeats = _repeats([canonical(row) for row in rows])
    if repeats:
        findings.append(_finding("", "duplicates", repeats, f"{_rows(repeats)} came before, word for word"))
    if unique_by:
        twice = _repeats([canonical([row.get(name) for name in unique_by]) for row in rows])
        if twice:
            findings.append(_finding(", ".join(unique_by), "key", twice, f"{_rows(twice)} with a key that came before"))
    return {"rows": len(rows), "columns": described, "duplicates": len(repeats), "findings": findings}


def _describe(name: str, values: Sequence[Any]) -> Json:
    filled = [value for value in values if value is not None and value != ""]
    types = Counter(_type(value) for value in filled)
    numbers = [value for value in filled if _type(value) == "number"]
    texts = [value for value in filled if isinstance(value, str)]
    ordered: Sequence[Any] = numbers if len(numbers) >= len(texts) else texts
    counts = Counter(canonical(value) for value in filled)
    first = {canonical(value): value for value in reversed(filled)}
    return {
        "name": name,
        "filled": len(filled),
        "missing": len(values) - len(filled),
        "distinct": len(counts),
        "type": types.most_common(1)[0][0] if types else None,
        "types": dict(types),
        "min": min(ordered, default=None),
        "max": max(ordered, default=None),
        "mean": fmean(numbers) if numbers else None,
        "median": median(numbers) if numbers else None,
        "common": [{"value": first[text], "count": count} for text, count in counts.most_common(_EXAMPLES)],
    }


def _odd(name: str, values: Sequence[Any]) -> Iterator[Json]:
    missing = [row for row, value in enumerate(values, 1) if value is None or value == ""]
    if missing:
        yield _finding(name, "missing", missing, f"{name} is empty in {len(missing)} of {len(values)} rows")
    filled = [(row, value) for row, value in enumerate(values, 1) if value is not None and value != ""]
    types = Counter(_type(value) for _, value in filled)
    if len(types) > 1:
        usual, count = types.most_common(1)[0]
        others = [row for row, value in filled if _type(value) != usual]
        rare = "nearly always" if count >= _SEVERAL * len(filled) else "most often"
        yield _finding(name, "mixed", others, f"{name} is {rare} {usual}, but not in {_rows(others)}")
    if len(filled) > 1 and len({canonical(value) for _, value in filled}) == 1:
        yield _finding(name, "constant", [], f"{name} is {canonical(filled[0][1])[:80]} in every row")
    yield from _far_out(name, [(row, value) for row, value in filled if _type(value) == "number"])


def _far_out(name: str, numbers: Sequence[tuple[int, float]]) -> Iterator[Json]:
    if len(numbers) < 8:
        return
    low, _, high = quantiles([value for _, value in numbers], n=4)
    reach = 3 * (high - low)
    rows = [row for row, value in numbers if reach and not low - reach <= value <= high + reach]
    if rows:
        yield _finding(name, "outliers", rows, f"{name} is far from {low:g} to {high:g} in {_rows(rows)}")


def _repeats(texts: Sequence[str]) -> list[int]:
    seen: set[str] = set()
    return [row for row, text in enumerate(texts, 1) if text in seen or seen.add(text)]  # type: ignore[func-returns-value]  # add gives None


def _finding(column: str, kind: str, rows: Sequence[int], text: str) -> Json:
    return {"column": column, "kind": kind, "rows": list(rows[:20]), "text": text}


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "data"


def _rows(found: Sized) -> str:
    return "1 row" if len(found) == 1 else f"{len(found)} rows"
