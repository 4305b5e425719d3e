"""Runs a module as `python -m` does and measures which lines of a project's code it ran. Run as a script, by its path.

`_measure.py REPORT FOLDER MODULE ARGUMENT…` writes a report in the shape of coverage.py's, as far as we read that. For
Pythons without coverage.py. Nothing but the standard library is used, and nothing of ours: it runs in the Python of the
repository. Threads count, other processes do not.
"""

from __future__ import annotations

import dis
import json
import os
import runpy
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from types import CodeType, FrameType
from typing import Any

_NOT_CODE = {"test", "tests", "venv", "build", "dist", "node_modules", "__pycache__", "site-packages"}

_MOST = 5000
"""Files that are measured."""


def sources(folder: str) -> Iterator[str]:
    """The files that count: below `src` where there is one, else below the folder. No tests, no environments."""
    base = os.path.join(folder, "src")
    for place, folders, names in os.walk(base if os.path.isdir(base) else folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NOT_CODE
            and not name.startswith(".")
            and not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("test_") and name not in ("conftest.py", "setup.py"):
                yield os.path.join(place, name)


def lines_of(path: str) -> set[int]:
    """The lines that hold something to run; none where the file cannot be compiled."""
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
    except (OSError, SyntaxError, ValueError):
        return set()
    return {line for each in _codes(code) for _, line in dis.findlinestarts(each) if line}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def watch(seen: dict[str, set[int]]) -> None:
    """From now on, note each line of these files that is run."""
    if hasattr(sys, "monitoring"):
        monitoring: Any = sys.monitoring

        def on_line(code: CodeType, line: int) -> Any:
            if (lines := seen.get(code.co_filename)) is not None:
                lines.add(line)
            return monitoring.DISABLE

        monitoring.use_tool_id(monitoring.COVERAGE_ID, "understudy")
        monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, on_line)
        monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)
        return

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        lines = seen.get(frame.f_code.co_filename)
        if lines is None:
            return None
        if event in ("line", "call"):
            lines.add(frame.f_lineno)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def main() -> None:
    report, folder, module, *arguments = sys.argv[1:]
    wanted = {path: lines_of(path) for path in islice(sources(os.path.abspath(folder)), _MOST)}
    seen: dict[str, set[int]] = {path: set() for path in wanted}
    sys.argv = [module, *arguments]
    sys.path[0] = os.getcwd()  # as with -m
    watch(seen)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        sys.settrace(None)
        covered = sum(len(lines & wanted[path]) for path, lines in seen.items())
        total = sum(map(len, wanted.values()))
        with open(report, "w") as file:
            files = {
                os.path.relpath(path, folder): {
                    "executed_lines": sorted(seen[path] & lines),
                    "missing_lines": sorted(lines - seen[path]),
                }
                for path, lines in wanted.items()
            }
            percent = 100 * covered / total if total else 100.0
            json.dump({"totals": {"percent_covered": percent}, "files": files}, file)


if __name__ == "__main__":
    main()
