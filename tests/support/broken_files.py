"""The broken workflow files of `tests/conformance/broken/`, with what is wrong in each of them.

A file says so itself, in comments at its start: `# expect LINE:COLUMN CODE: MESSAGE` for every diagnostic (`CODE
warning:` where it is one), and below it `#   hint HINT` where it has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "conformance" / "broken"
_EXPECT = re.compile(r"# expect (\d+):(\d+) ([a-z-]+)( warning)?: (.*)")
_HINT = re.compile(r"#   hint (.*)")


@dataclass(frozen=True)
class Expected:
    """One diagnostic. `hint` depends on what else is installed where it lists names."""

    line: int
    column: int
    code: str
    severity: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class BrokenFile:
    """A file and all of its diagnostics, in order."""

    path: Path
    expected: tuple[Expected, ...]


def broken_files() -> tuple[BrokenFile, ...]:
    """Every file of the table."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.yaml")))


def _read(path: Path) -> BrokenFile:
    expected: list[Expected] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := _EXPECT.fullmatch(line):
            severity = "warning" if found[4] else "error"
            expected.append(Expected(int(found[1]), int(found[2]), found[3], severity, found[5]))
        elif (hint := _HINT.fullmatch(line)) and expected:
            last = expected.pop()
            expected.append(Expected(last.line, last.column, last.code, last.severity, last.message, hint[1]))
    return BrokenFile(path, tuple(expected))
