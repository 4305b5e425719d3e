"""What a test run came to: read from pytest's JUnit report, or from the last lines that a program wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from workflows.values import Json

_MAX_REPORT = 50 * 1024 * 1024
_MAX_FAILURES = 50
_MAX_MESSAGE = 1000

_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")


@dataclass(frozen=True)
class Counts:
    """Numbers of tests; None where nobody said. `failures` are {test, message}."""

    passed: int | None = None
    failed: int | None = None
    errors: int | None = None
    skipped: int | None = None
    failures: tuple[Json, ...] = ()

    def summary(self) -> str:
        """Such as `2 failed, 5 passed`; empty where nothing is known."""
        errors = "error" if self.errors == 1 else "errors"
        named = {"failed": self.failed, errors: self.errors, "passed": self.passed, "skipped": self.skipped}
        return ", ".join(f"{count} {name}" for name, count in named.items() if count)


def read_report(path: Path) -> Counts | None:
    """The counts and failures of a JUnit report; None where there is none that can be read."""
    try:
        if path.stat().st_size > _MAX_REPORT:
            return None
        suites = list(ElementTree.parse(path).getroot().iter("testsuite"))  # noqa: S314  # expat bounds entities
    except (OSError, ElementTree.ParseError):
        return None
    total, failed, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    failures = tuple(entry for suite in suites for entry in _failures(suite))
    return Counts(max(total - failed - errors - skipped, 0), failed, errors, skipped, failures[:_MAX_FAILURES])


def _failures(suite: ElementTree.Element) -> Iterator[Json]:
    for case in suite.iter("testcase"):
        for problem in (*case.findall("failure"), *case.findall("error")):
            name = "::".join(word for word in (case.get("classname"), case.get("name")) if word)
            yield {"test": name, "message": (problem.get("message") or problem.text or "").strip()[:_MAX_MESSAGE]}


def read_lines(output: str) -> Counts:
    """The counts in the last line that has any, as pytest and others write it: `1 failed, 3 passed`."""
    for line in reversed(output.splitlines()[-20:]):
        if found := {
            word.rstrip("s") if word.startswith("error") else word: int(n) for n, word in _COUNT.findall(line)
        }:
            passed, failed, errors, skipped = (found.get(word, 0) for word in ("passed", "failed", "error", "skipped"))
            return Counts(passed, failed, errors, skipped)
    return Counts()


def read_unittest(output: str) -> Counts:
    """The counts and failures that unittest wrote."""
    if not (ran := re.findall(r"^Ran (\d+) tests? in ", output, re.MULTILINE)):
        return Counts()
    said = re.findall(r"^(?:OK|FAILED|NO TESTS RAN)\b(.*)$", output, re.MULTILINE)
    numbers = {word: int(n) for word, n in re.findall(r"(\w+)=(\d+)", said[-1] if said else "")}
    failed, errors, skipped = (numbers.get(word, 0) for word in ("failures", "errors", "skipped"))
    failures = tuple(
        {"test": name, "message": text.strip().rpartition("\n")[2][:_MAX_MESSAGE]}
        for name, text in re.findall(
            r"^(?:FAIL|ERROR): \w+ \(([\w.]+)\)\n-+\n(.*?)\n\n", output, re.MULTILINE | re.DOTALL
        )
    )
    passed = max(int(ran[-1]) - failed - errors - skipped, 0)
    return Counts(passed, failed, errors, skipped, failures[:_MAX_FAILURES])


_MOST_LINES = 200_000
"""Characters of the lines of a coverage that are kept: of more, only the percent is."""


@dataclass(frozen=True)
class Coverage:
    """Percent of lines covered, None where nobody measured; `lines` are {file: {covered, missed}}, such as `1-3,7`."""

    percent: float | None = None
    lines: Json = None


def read_coverage(path: Path) -> Coverage:
    """What coverage.py's JSON report says."""
    try:
        report = json.loads(path.read_bytes())
        percent = round(float(report["totals"]["percent_covered"]), 2)
        lines = {
            name: {"covered": _ranges(file["executed_lines"]), "missed": _ranges(file["missing_lines"])}
            for name, file in report.get("files", {}).items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Coverage()
    size = sum(len(name) + sum(map(len, said.values())) for name, said in lines.items())
    return Coverage(percent, lines if 0 < size <= _MOST_LINES else None)


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers as `1-3,7`."""
    parts: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
