"""`data.rows`: lists beside each other made into one list of objects."""

from __future__ import annotations

from typing import Any

from skills import SkillError, skill
from workflows.values import Json


@skill(name="data.rows", effect="pure")
def rows(columns: dict[str, list[Any]]) -> dict[str, Json]:
    """Make rows of lists that belong together, item by item: what a step with `foreach` gave, beside what it was given.

    Args:
        columns: Lists of the same length, by the name that their items get.

    Returns: {rows: [{name: item}], count}.
    """
    lengths = {len(items) for items in columns.values()}
    if len(lengths) > 1:
        told = ", ".join(f"{name} has {len(items)}" for name, items in columns.items())
        raise SkillError(f"the lists are not of the same length: {told}", "", "validation")
    made: list[Json] = [dict(zip(columns, items, strict=True)) for items in zip(*columns.values(), strict=True)]
    return {"rows": made, "count": len(made)}
