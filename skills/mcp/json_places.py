"""JSON text with the place of every value in it, for errors that name a line and a column."""

from __future__ import annotations

import json
from dataclasses import field
from json.decoder import JSONDecodeError
from typing import Any, TypeAlias

from workflows.records import dataclass

Path: TypeAlias = tuple[str | int, ...]

_SPACE = " \t\n\r"
_DECODER = json.JSONDecoder()


class NotJson(Exception):
    """The text is not JSON, from this place on."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass
class Placed:
    """A JSON text's value. Places count from 1; that of an object's entry is its key."""

    text: str
    value: Any = None
    twice: list[Path] = field(default_factory=list)
    """Keys that an object has more than once; the last one holds."""
    offsets: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Path) -> tuple[int, int]:
        """The line and column of a value; of the nearest around it where it is not there."""
        while path and path not in self.offsets:
            path = path[:-1]
        return _line_and_column(self.text, self.offsets.get(path, 0))

    def line(self, number: int) -> str:
        """The text of one line."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


def read(text: str) -> Placed:
    """The value with its places. Raises NotJson."""
    text = text.removeprefix("\ufeff")
    try:
        placed = Placed(text, json.loads(text))
        _note(placed, 0, ())
    except JSONDecodeError as error:
        raise NotJson(error.msg[0].lower() + error.msg[1:], error.lineno, error.colno) from None
    except RecursionError:
        raise NotJson("values are nested too deep", 1, 1) from None
    except ValueError:  # a whole number of thousands of digits
        raise NotJson("a number is too long", 1, 1) from None
    return placed


def _note(placed: Placed, at: int, path: Path) -> int:
    """Note the place of the value that begins at `at`, or after space; returns where it ends. The text is valid."""
    text, at = placed.text, _skip(placed.text, at)
    placed.offsets.setdefault(path, at)
    if text[at] not in "{[":
        return _DECODER.raw_decode(text, at)[1]
    closing, index = ("}" if text[at] == "{" else "]"), 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        key: str | int = index
        if closing == "}":
            start = at
            key, at = _DECODER.raw_decode(text, at)
            if (*path, key) in placed.offsets:
                placed.twice.append((*path, key))
            placed.offsets[(*path, key)] = start
            at = _skip(text, at) + 1
        at = _skip(text, _note(placed, at, (*path, key)))
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return at + 1


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
