"""JSON data as people read it: texts as they are, the rest as indented JSON."""

from __future__ import annotations

import json

from workflows.secrets import hide
from workflows.text import safe_text
from workflows.values import Json

MOST = 200_000
"""Characters that are shown; of a longer text the beginning and the end."""


def value_text(value: Json, *, limit: int = MOST) -> str:
    """The value, cleaned, its secrets only named. An object is shown key by key, its texts of several lines too."""
    if value is None:
        return ""
    value = hide(value)
    if isinstance(value, str):
        return safe_text(value, limit=limit)
    if isinstance(value, dict) and value:
        return safe_text("\n".join(_entry(key, item) for key, item in value.items()), limit=limit)
    return safe_text(_json(value), limit=limit)


def _entry(key: str, value: Json) -> str:
    text = value if isinstance(value, str) else _json(value)
    if isinstance(value, str) and "\n" in value:
        return f"{key}:\n" + "\n".join(f"  {line}" for line in value.rstrip("\n").split("\n"))
    return f"{key}: {text}"


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
