"""Where two values part: texts line by line, JSON by the way to each place. For people and for tools alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from skills.difference import unified
from workflows.records import dataclass
from workflows.text import one_line, safe_text
from workflows.values import Json, canonical

MOST = 500
"""Places that are looked for in one value."""

MOST_ITEMS = 2_000
"""Items of a list that are matched with those of another; longer lists are compared place by place."""

WIDEST = 100
"""Characters of a value that stands on one line."""

NOT_THERE = "(not there)"


@dataclass(frozen=True)
class Difference:
    """One place where two values part: the `path` to it, such as `.rows[3].name`, and what each has there.

    `there` says whether only the first or the second has anything.
    """

    path: str
    before: Json = None
    after: Json = None
    there: Literal["both", "first", "second"] = "both"


def differences(before: Json, after: Json) -> tuple[Difference, ...]:
    """Every place where the values part, in the order of the first one; at most MOST."""
    found: list[Difference] = []
    for difference in _apart(before, after, ""):
        found.append(difference)
        if len(found) == MOST:
            break
    return tuple(found)


def _apart(before: Json, after: Json, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            here = f"{path}.{key}" if str(key).isidentifier() else f"{path}[{json.dumps(key, ensure_ascii=False)}]"
            if key not in after:
                yield Difference(here, before[key], there="first")
            elif key not in before:
                yield Difference(here, None, after[key], "second")
            else:
                yield from _apart(before[key], after[key], here)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Difference(path, before, after)


def _lists(before: list[Json], after: list[Json], path: str) -> Iterator[Difference]:
    spans: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(before), 0, len(after))]
    if len(before) != len(after) and max(len(before), len(after)) <= MOST_ITEMS:
        matcher = SequenceMatcher(None, list(map(canonical, before)), list(map(canonical, after)), autojunk=False)
        spans = matcher.get_opcodes()
    for what, start, end, start_after, end_after in spans:
        if what == "equal":
            continue
        both = min(end - start, end_after - start_after)
        for place in range(both):
            yield from _apart(before[start + place], after[start_after + place], f"{path}[{start_after + place}]")
        for place in range(start + both, end):
            yield Difference(f"{path}[{place}]", before[place], there="first")
        for place in range(start_after + both, end_after):
            yield Difference(f"{path}[{place}]", None, after[place], "second")


def difference_lines(name: str, difference: Difference, *, most: int | None = None) -> Iterator[str]:
    """`output.rows[3]: 1 → 2`, or for texts of several lines what `diff -u` shows, at most so many lines of it."""
    before, after, here = difference.before, difference.after, f"{name}{difference.path}"
    texts = isinstance(before, str) and isinstance(after, str)
    if texts and "\n" in f"{before.rstrip()}{after.rstrip()}":
        yield f"{one_line(here, WIDEST)}:"
        lines = text_lines(before, after)
        yield from (f"  {line}" for line in lines[:most])
        if most is not None and len(lines) > most:
            yield f"  … {len(lines) - most} more lines"
        return
    if texts and before.strip() == after.strip():
        before, after = json.dumps(before), json.dumps(after)  # what cannot be seen otherwise
    old = NOT_THERE if difference.there == "second" else _shown(before)
    new = NOT_THERE if difference.there == "first" else _shown(after)
    yield f"{one_line(here, WIDEST)}: {old} → {new}"


def text_lines(before: str, after: str) -> list[str]:
    """What changes from one text to the other, as `diff -u` shows it, without its head; cleaned."""
    lines = unified(before, after, "a", "b").split("\n")[2:]
    return [safe_text(line) for line in lines if line and not line.startswith("\\ ")]


def _shown(value: Json) -> str:
    return one_line(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False), WIDEST)
