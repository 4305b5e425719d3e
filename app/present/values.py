"""JSON data as people read it: texts as they are, the rest as indented JSON."""

from __future__ import annotations

import json

from workflows.text import safe_text
from workflows.values import Json

MOST = 200_000
"""Characters that are shown; of a longer text the beginning and the end."""


def value_text(value: Json, *, limit: int = MOST) -> str:
    """The value, cleaned. An object that holds texts of several lines is shown key by key, so that they can be read."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value, limit=limit)
    if isinstance(value, dict) and any(isinstance(item, str) and "\n" in item for item in value.values()):
        parts = [
            f"{key}:\n{_indented(item)}" if isinstance(item, str) and "\n" in item else f"{key}: {_json(item)}"
            for key, item in value.items()
        ]
        return safe_text("\n".join(parts), limit=limit)
    return safe_text(_json(value), limit=limit)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip("\n").split("\n"))


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
