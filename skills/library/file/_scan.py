"""The program that `file.search` runs: a pattern of a stranger may take for ever, and a process can be ended.

Run by its path, with the request as JSON on stdin; writes one JSON line a match and one at the end.
"""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import sys
from collections.abc import Callable, Iterator
from typing import Any

sys.path.insert(0, os.path.dirname(__file__))
from _glob import SKIPPED, matcher  # type: ignore[import-not-found]  # a script: its folder is its package

_MAX_FILE = 5 * 1024 * 1024
_MAX_MEMORY = 1024**3
_SHOWN = 300


def main() -> None:
    """Search, and say how it went in the last line: {files, skipped, truncated} or {error}."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    request = json.load(sys.stdin)
    try:
        find = _finder(request["pattern"], request["regex"], request["ignore_case"])
    except (re.error, RecursionError, OverflowError) as error:
        _say({"error": str(error)})
        return
    matches = matcher(request["glob"])
    files = skipped = count = 0
    for path, inside in _walk(request["folder"], "", frozenset(request["closed"])):
        if not matches(inside):
            continue
        text = _read(path)
        if text is None:
            skipped += 1
            continue
        files += 1
        for number, line in enumerate(text.split("\n"), 1):
            column = find(line)
            if column is None:
                continue
            if count >= request["limit"]:
                _say({"files": files, "skipped": skipped, "truncated": True})
                return
            count += 1
            start = max(0, column - _SHOWN // 3)
            _say({"path": inside, "line": number, "column": column + 1, "text": line[start : start + _SHOWN]})
    _say({"files": files, "skipped": skipped, "truncated": False})


def _finder(pattern: str, regex: bool, ignore_case: bool) -> Callable[[str], int | None]:
    """Where a line first matches, from 0; None where it does not."""
    if not regex:
        pattern = re.escape(pattern)
    compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)

    def find(line: str) -> int | None:
        found = compiled.search(line)
        return found.start() if found else None

    return find


def _walk(folder: str, prefix: str, closed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Plain files below a folder, sorted, without following a link."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED and entry.path not in closed:
                yield from _walk(entry.path, f"{prefix}{entry.name}/", closed)
        elif entry.is_file(follow_symlinks=False):
            yield entry.path, f"{prefix}{entry.name}"


def _read(path: str) -> str | None:
    """A file's text; None for one that is long, binary or not readable."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_FILE:
                return None
            content = file.read(_MAX_FILE)
    except OSError:
        return None
    return None if b"\0" in content[:8192] else content.decode("utf-8", "replace")


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
