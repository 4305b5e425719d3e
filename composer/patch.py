"""Fills parameters in a workflow's own text: its comments and its order stay, and only what is filled changes."""

from __future__ import annotations

from collections.abc import Mapping

from composer.edit import Edit, EditRefused, RemoveField, SetField, apply, value_at
from workflows.values import Json


def patched(text: str, values: Mapping[str, Json]) -> str | None:
    """The text with these values as defaults of its parameters, and without its `template`.

    None where its form makes that unsure, or it has no such parameter.
    """
    try:
        declared = value_at(text.removeprefix("\ufeff"), ("parameters",))
        names = [each.get("name") if isinstance(each, dict) else None for each in declared or ()]
        edits: list[Edit] = []
        for name, value in values.items():
            path = ("parameters", names.index(name))
            if "required" in declared[path[1]]:
                edits.append(SetField((*path, "required"), False))
            edits.append(SetField((*path, "default"), value))
        if value_at(text.removeprefix("\ufeff"), ("template",)) is not None:
            edits.append(RemoveField(("template",)))
        return apply(text.removeprefix("\ufeff"), edits)
    except (EditRefused, ValueError):
        return None


def untagged(text: str) -> str:
    """The text without its `template`: requests in many languages, which are for finding it and say nothing of a draft.

    As it is where its form makes that unsure.
    """
    return patched(text, {}) or text
