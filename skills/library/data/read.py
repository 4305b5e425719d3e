"""`data.read`: what a JSON, YAML or TOML file says."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from skills import Context, SkillError, skill
from skills.library.data._place import select as select_in
from skills.library.file._content import decode, read_bytes
from skills.paths import shown
from workflows.core_schema import value_of
from workflows.nodes import Node
from workflows.source import read as read_yaml
from workflows.values import Json, plain

_BY_SUFFIX = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
}

_LONGEST_TOML = 2 * 1024 * 1024
_MOST_DOTS = 1000
_MOST_LINES = 1_000_000


@skill(name="data.read", effect="pure", touches=["reads"])
def read(
    context: Context,
    path: Path,
    select: str = "",
    kind: Literal["auto", "json", "jsonl", "yaml", "toml"] = "auto",
    limit: int = 1000,
) -> dict[str, Json]:
    """Read a JSON, JSON Lines, YAML or TOML file of the workspace as data, or a part of it.

    Args:
        path: The file.
        select: Which part, such as `project.dependencies` or `items[0].name`; all of it if not given.
        kind: auto goes by the file's name.
        limit: How many items at most, where what is read is a list.

    Returns: {path, kind, value, count, truncated}. `count` is how many items a list or an object has, else null.
    """
    name = shown(context.root, path)
    found = _BY_SUFFIX.get(path.suffix.lower(), "") if kind == "auto" else kind
    if not found:
        hint = "say `kind`: json, jsonl, yaml or toml; csv.read reads tables"
        raise SkillError(f"{name} does not say by its name what it holds", hint, "validation")
    text = decode(name, read_bytes(context.root, path), "utf-8").removeprefix("\ufeff")
    value = select_in(_parse(text, found, name), select, name)
    count = len(value) if isinstance(value, (list, dict)) else None
    cut = isinstance(value, list) and len(value) > limit
    return {
        "path": name,
        "kind": found,
        "value": value[:limit] if cut else value,
        "count": count,
        "truncated": cut,
    }


def _parse(text: str, kind: str, name: str) -> Any:
    try:
        if kind == "json":
            return plain(json.loads(text))
        if kind == "jsonl":
            if text.count("\n") > _MOST_LINES:
                hint = "part it, or look into it with file.search"
                raise SkillError(f"{name} has more than {_MOST_LINES:,} lines", hint, "resource")
            return [_line(line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if kind == "toml":
            _check_keys(text, name)
            return plain(_dated(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise SkillError(f"{name} is not TOML: {error}", "", "validation") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SkillError(f"{name} is not JSON: {error.msg} ({where})", "", "validation") from None
    except RecursionError:
        raise SkillError(f"{name} is nested too deeply", "", "validation") from None
    except ValueError as error:
        raise SkillError(f"{name} cannot be read as {kind}: {error}", "", "validation") from None
    return _yaml(text, name)


def _check_keys(text: str, name: str) -> None:
    """Raise SkillError for a key of too many parts: reading it takes the square of them, in time and memory."""
    if len(text) > _LONGEST_TOML:
        raise SkillError(f"{name} is too long: of TOML at most {_LONGEST_TOML // 1024} KiB are read", "", "resource")
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise SkillError(f"{name} has a line with more than {_MOST_DOTS} dots", "is it meant to be read?", "resource")


def _yaml(text: str, name: str) -> Any:
    """YAML 1.2 without anchors and aliases, which can make little text into endless data."""
    document = read_yaml(text, name)
    found = list(document.diagnostics)

    def report(node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        found.append(document.diagnose(node.mark, code, message, hint, warning=warning))

    value = None if document.root is None else value_of(document.root, report)
    wrong = next((each for each in found if each.severity == "error"), None)
    if wrong is not None:
        message = f"{name} is not YAML that can be read: {wrong.message} (line {wrong.line}, column {wrong.column})"
        raise SkillError(message, wrong.hint, "validation")
    return value


def _line(line: str, number: int) -> Any:
    try:
        return plain(json.loads(line))
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(f"line {number}: {error.msg}", error.doc, error.pos) from None


def _dated(value: Any) -> Any:
    """TOML's dates and times as text (RFC 3339)."""
    if isinstance(value, dict):
        return {key: _dated(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_dated(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
