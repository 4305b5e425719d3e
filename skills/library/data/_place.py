"""Paths within data: `items[0].name`, as in expressions. Pure."""

from __future__ import annotations

import re
from typing import Any

from skills import SkillError

_PART = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>-?\d+)\]|\[(?P<quote>['\"])(?P<quoted>.*?)(?P=quote)\]")


def select(value: Any, path: str, name: str) -> Any:
    """What lies at a path of `value`. Raises SkillError, which says how far the path leads and what there is."""
    at, so_far = 0, ""
    while at < len(path):
        part = _PART.match(path, at)
        if part is None or (at == 0 and path.startswith(".")):
            hint = "such as `items[0].name` or `data['odd key']`"
            raise SkillError(f"`{path}` is no path within data, from character {at + 1} on", hint, "validation")
        value = _step(value, part, so_far or name)
        at, so_far = part.end(), path[: part.end()]
    return value


def _step(value: Any, part: re.Match[str], where: str) -> Any:
    key = part["key"] or part["quoted"]
    if part["index"] is not None:
        if not isinstance(value, list):
            raise SkillError(f"{where} is {_said(value)}, not a list", "", "validation")
        try:
            return value[int(part["index"])]
        except IndexError:
            raise SkillError(f"{where} has {len(value)} items, so there is no {part[0]}", "", "validation") from None
    if not isinstance(value, dict):
        raise SkillError(f"{where} is {_said(value)}: it has no '{key}'", "", "validation")
    if key not in value:
        there = ", ".join(map(str, list(value)[:10])) or "nothing"
        raise SkillError(f"{where} has no '{key}'", f"it has {there}{' …' if len(value) > 10 else ''}", "validation")
    return value[key]


def _said(value: Any) -> str:
    if value is None:
        return "null"
    for kind, word in ((bool, "true or false"), (str, "text"), ((int, float), "a number"), (list, "a list")):
        if isinstance(value, kind):
            return word
    return "an object"
