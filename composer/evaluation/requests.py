"""A set of requests with what should come of each: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from composer.evaluation.checks import Check, read_check
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.values import Json

SAMPLE = Path(__file__).parent / "sample.jsonl"
"""A set of our own, to begin with."""

LARGEST = 5_000_000
"""Bytes of a set."""

NONE = "none"
"""The category of requests that nothing fits."""

KEYS = ("id", "text", "category", "params", "constraints", "turns")


@dataclass(frozen=True)
class Turn:
    """Something that is said of a draft, and what must hold then."""

    text: str
    params: Mapping[str, Json] = field(default_factory=dict)
    checks: tuple[tuple[str, Check], ...] = ()


@dataclass(frozen=True)
class Request:
    """A request: the kind of workflow that should serve it, the parameters to find, the checks, what is said after."""

    id: str
    category: str
    start: Turn
    turns: tuple[Turn, ...] = ()


def read_requests(path: Path) -> tuple[Request, ...]:
    """The requests of a file. Raises UnderstudyError, which names every line that is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnderstudyError(f"{path} is larger than {LARGEST // 1_000_000} MB.", "Part it into several sets.")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"{path} cannot be read: {error}", "A set is a text file, one request a line.") from error
    found: list[Request] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.append(read_request(json.loads(line)))
        except (ValueError, TypeError) as error:
            wrong.append(f"{path.name}:{number}: {error}")
    ids = [each.id for each in found]
    wrong += [f"{path.name}: the id '{name}' is there twice" for name in sorted({x for x in ids if ids.count(x) > 1})]
    if wrong:
        raise UnderstudyError("\n".join(wrong[:20]), "docs/composer.md has the format and the words of checks.")
    if not found:
        raise UnderstudyError(f"There is no request in {path}.", "docs/composer.md has the format.")
    return tuple(found)


def read_request(data: Json) -> Request:
    """One request. Raises ValueError for what is wrong in it."""
    if not isinstance(data, Mapping):
        raise ValueError('a request is an object, such as {"id": …, "text": …}')
    if unknown := [key for key in data if key not in KEYS]:
        raise ValueError(f"unknown key '{unknown[0]}': keys are {', '.join(KEYS)}")
    for key in ("id", "text", "category"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise ValueError(f"a request needs '{key}', a text")
    turns = data.get("turns", [])
    if not isinstance(turns, list) or not all(isinstance(turn, Mapping) for turn in turns):
        raise ValueError("'turns' is a list of objects")
    return Request(data["id"], data["category"], _turn(data), tuple(_turn(turn) for turn in turns))


def _turn(data: Mapping[str, Json]) -> Turn:
    text, params, lines = data.get("text"), data.get("params", {}), data.get("constraints", [])
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a turn needs 'text'")
    if not isinstance(params, Mapping):
        raise ValueError("'params' is an object of names and values")
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        raise ValueError("'constraints' is a list of checks")
    return Turn(text, params, tuple((line, _check(line)) for line in lines))


def _check(line: Json) -> Check:
    try:
        return read_check(str(line))
    except ValueError as error:
        raise ValueError(f"the check '{line}': {error}") from None
