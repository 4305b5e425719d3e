"""JSON data as lines for people: no brackets, no quotes, texts as they were written."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.values import Json, canonical


def readable(value: Json) -> str:
    """An object as `key: value` lines, a list as `- item` lines, what they hold below them and further in."""
    return "\n".join(_lines(value))


def _lines(value: Json) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{key}:", item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item)
    else:
        yield from _plain(value).split("\n")


def _entry(lead: str, value: Json) -> Iterator[str]:
    """On one line where it has room for it, else below its name."""
    if isinstance(value, dict | list) and value:
        yield lead
        yield from (f"  {line}" for line in _lines(value))
        return
    text = _plain(value).rstrip("\n")
    if "\n" in text:
        yield lead
        yield from (f"  {line}" for line in text.split("\n"))
    else:
        yield f"{lead} {text}".rstrip()


def _item(value: Json) -> Iterator[str]:
    for number, line in enumerate(_lines(value)):
        yield f"{'  ' if number else '- '}{line}"


def _plain(value: Json) -> str:
    if isinstance(value, str):
        return value
    if value is None or value in ({}, []):
        return "none"
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else canonical(value)
