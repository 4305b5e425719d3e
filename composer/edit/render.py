"""Values as YAML, as people write it: short things on one line, texts without quotes where they need none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from workflows.nodes import Mark, Scalar
from workflows.source import value_of
from workflows.values import Json, canonical

WIDTH = 110
"""Columns that a line of ours takes at most where it can be broken."""

_NOWHERE = Mark("", 1, 1, 1, 1, 0, 0)
_KEY = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_IN_FLOW = re.compile(r"[A-Za-z_/~.][\w ./+=~@()-]*", re.ASCII)
_IN_BLOCK = re.compile(r"[^\W\d][^\0-\x1f\x7f-\x9f#\u2028\u2029\ufeff]*|[\w./~][\w ./~+=@()-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar(value: Json, *, flow: bool) -> str:
    """A text, number, truth value or nothing, on one line."""
    if not isinstance(value, str):
        return canonical(value)
    return value if _is_plain(value, flow) else quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes."""
    found = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", found)


def key(name: str) -> str:
    """A key, in quotes where it needs some."""
    return name if _KEY.fullmatch(name) and name.lower() not in _WORDS else quoted(name)


def flow(value: Json) -> str:
    """Any value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, flow=True)


def entry(name: str, value: Json, column: int, indent: int, list_indent: int) -> list[str]:
    """The lines of `name: value` in a block whose keys stand at this column, from 0."""
    head = f"{key(name)}:"
    if isinstance(value, str) and (lines := _literal(value)) is not None:
        return [f"{head} {lines[0]}", *_shifted(lines[1:], indent)]
    if fits_line(value, column + len(head) + 1):
        return [f"{head} {inline(value)}"]
    return [head, *block(value, column, indent, list_indent)]


def item(value: Json, column: int, indent: int, list_indent: int, *, as_flow: bool = False) -> list[str]:
    """The lines of `- value` in a list whose dashes stand at this column."""
    if isinstance(value, Mapping) and value and not (as_flow and _width(value) + column + 2 <= WIDTH + 10):
        lines = [line for name, each in value.items() for line in entry(name, each, column + 2, indent, list_indent)]
        return [f"- {lines[0]}", *_shifted(lines[1:], 2)]
    return [f"- {inline(value)}"]


def block(value: Json, column: int, indent: int, list_indent: int) -> list[str]:
    """The lines below a key at this column for a mapping or a list, indented as they stand below it."""
    lines: list[str] = []
    if isinstance(value, Mapping):
        for name, each in value.items():
            lines += entry(name, each, column + indent, indent, list_indent)
        return _shifted(lines, indent)
    for each in value:
        as_flow = _holds_no_steps(each) and fits_line(each, column + list_indent + 2)
        lines += item(each, column + list_indent, indent, list_indent, as_flow=as_flow)
    return _shifted(lines, list_indent)


def inline(value: Json) -> str:
    """A value on the line of its key or dash in a block."""
    return flow(value) if isinstance(value, (Mapping, list, tuple)) else scalar(value, flow=False)


def fits_line(value: Json, column: int) -> bool:
    """Whether a value reads well on one line from this column on. Lists of steps and the like never do."""
    if isinstance(value, Mapping):
        deep = any(isinstance(each, (Mapping, list, tuple)) and each for each in value.values())
        return not value or (
            not (deep and len(value) > 1) and _holds_no_steps(value) and column + _width(value) <= WIDTH
        )
    if isinstance(value, (list, tuple)):
        flat = not any(isinstance(each, (Mapping, list, tuple)) and each for each in value)
        return not value or (flat and column + _width(value) <= WIDTH)
    return True


def restyled(raw: str, old_is_text: bool, value: Json, *, in_flow: bool) -> str:
    """A scalar as the one that it replaces was written, as far as it can be."""
    if isinstance(value, str) and old_is_text and "\n" not in value and value.isprintable():
        if raw[:1] == "'":
            return "'" + value.replace("'", "''") + "'"
        if raw[:1] == '"':
            return quoted(value)
    return scalar(value, flow=in_flow)


def literal(text: str) -> list[str] | None:
    """A text of several lines as a block: its head, then its lines, not indented; None where it cannot be one."""
    return _literal(text)


def _is_plain(text: str, in_flow: bool) -> bool:
    if not text or text != text.strip() or text.lower() in _WORDS or "${{" in text:
        return False
    if not (_IN_FLOW if in_flow else _IN_BLOCK).fullmatch(text):
        return False
    if ": " in text or " #" in text or text.endswith(":") or text.startswith(("- ", "? ", "---", "...")):
        return False
    return isinstance(value_of(Scalar(text, True, _NOWHERE), _refuse), str)


def _literal(text: str) -> list[str] | None:
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if len(lines) < 2 or not lines[0] or not lines[-1] or lines[0][0].isspace():
        return None
    if not all(line.isprintable() and line == line.rstrip() for line in lines):
        return None
    return ["|" if text.endswith("\n") else "|-", *lines]


def _shifted(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line if line else line for line in lines]


def _width(value: Json) -> int:
    return len(flow(value))


def _holds_no_steps(value: Json) -> bool:
    if isinstance(value, Mapping):
        return not ("id" in value and "type" in value) and all(map(_holds_no_steps, value.values()))
    return all(map(_holds_no_steps, value)) if isinstance(value, (list, tuple)) else True


def _refuse(*_: object, **__: object) -> None:
    return None
