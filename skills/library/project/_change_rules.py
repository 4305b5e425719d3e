"""What can be seen in a change without running it: by the lines that it adds, and by which files it touches. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skills.library.project._dangers import secrets_in


@dataclass(frozen=True)
class Finding:
    """As an agent that reviews gives it: how bad, where, what, what follows, what to do."""

    severity: str
    place: str
    fault: str
    consequence: str
    remedy: str


@dataclass(frozen=True)
class Added:
    """A line that a change adds."""

    file: str
    number: int
    text: str


_TEST = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_|_test\.|\.(test|spec)\.")
_CODE = re.compile(r"\.(py|js|jsx|ts|tsx|go|rs|java|kt|rb|php|c|cc|cpp|h|cs|swift|scala|sh)$")
_DOCS = re.compile(r"\.(md|rst|txt|adoc)$")

_SKIPS = re.compile(r"@pytest\.mark\.skip|\b(it|test|describe)\.(only|skip)\(|@(Ignore|Disabled)\b|t\.Skip\(")

_LINES: tuple[tuple[str, str, re.Pattern[str], str, str, str], ...] = (
    ("high", "all", re.compile(r"(<{7}|>{7}) .+"), "a mark of a merge conflict", "the file is broken", "resolve it"),
    ("medium", "code", re.compile(r"\b(breakpoint\(\)|pdb\.set_trace\(|debugger;|binding\.pry)"),
     "a debugger is called", "the program stops there for everybody", "take it out"),
    ("low", "code", re.compile(r"\bconsole\.(log|debug)\(|\bvar_dump\("), "output for debugging",
     "it fills logs and can tell secrets", "take it out, or use the log"),
    ("medium", "test", _SKIPS,
     "a test is skipped, or alone is run", "what it watched over can break unseen", "say why, with a date, or mend it"),
    ("medium", "code", re.compile(r"^\s*except\s*:|except (Base)?Exception\s*:\s*pass|catch\s*\([^)]*\)\s*\{\s*\}"),
     "every failure is caught and nothing is said", "faults stay hidden", "catch what is expected, and tell the rest"),
    ("high", "code", re.compile(r"\b(eval|exec)\(|os\.system\(|shell\s*=\s*True|pickle\.loads?\("),
     "data can be run as code", "who controls the data controls the program", "parse it, or pass a list of arguments"),
    ("high", "code", re.compile(r"verify\s*=\s*False|InsecureSkipVerify:\s*true|rejectUnauthorized:\s*false"),
     "no certificate is checked", "anybody in between can read what is sent", "trust the certificate instead"),
    ("high", "code", re.compile(r"""(?i)(execute|query)\w*\(\s*(f["']|["'][^"']*["']\s*(%|\+|\.format)).*"""),
     "a query is put together from text", "data can become commands of the database", "pass parameters to the query"),
    ("low", "code", re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "something is left to do", "it is forgotten easily",
     "do it now, or name who does it when"),
    ("low", "code", re.compile(r"#\s*(type:\s*ignore|noqa)\s*$|eslint-disable\b|@ts-ignore"),
     "a check is turned off, without a reason", "the next fault there is not found", "write the reason beside it"),
)  # fmt: skip


def added_lines(patch: str) -> Iterator[Added]:
    """The lines that a unified diff adds, with their numbers in the new file."""
    file, number = "", 0
    for line in patch.split("\n"):
        if line.startswith("+++ "):
            file = line[4:].removeprefix("b/").rstrip("\t")
        elif match := re.match(r"@@ -\d+(?:,\d+)? \+(\d+)", line):
            number = int(match[1]) - 1
        elif line.startswith("+"):
            number += 1
            yield Added(file, number, line[1:])
        elif not line.startswith(("-", "\\")):
            number += 1


def of_lines(patch: str) -> Iterator[Finding]:
    """What the added lines show."""
    for added in added_lines(patch):
        place, is_test = f"{added.file}:{added.number}", bool(_TEST.search(added.file))
        for danger in secrets_in(added.text):
            remedy = "take it out, and give the key up: it is in the history"
            yield Finding("high", place, f"{danger.what} is in the code", "everybody who reads it has it", remedy)
        for severity, where, pattern, fault, consequence, remedy in _LINES:
            if where == "code" and (is_test or not _CODE.search(added.file)):
                continue
            if where == "test" and not is_test:
                continue
            if pattern.search(added.text[:2000]):
                yield Finding(severity, place, fault, consequence, remedy)


def of_files(files: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the list of changed files shows."""
    code = [each for each in files if _CODE.search(each["path"]) and not _TEST.search(each["path"])]
    tests = [each for each in files if _TEST.search(each["path"])]
    size = sum(each["added"] or 0 for each in code)
    if code and not tests and size > 10:
        place = code[0]["path"] if len(code) == 1 else f"{code[0]['path']} and {len(code) - 1} more"
        yield Finding(
            "medium", place, "code changes and no test does", "nobody will notice when it breaks", "add a test"
        )
    if size > 800:
        fault, remedy = f"{size} lines of code are added at once", "part it into changes that stand alone"
        yield Finding("low", f"{len(code)} files", fault, "nobody can review that well", remedy)
    for each in tests:
        if not each["added"] and (each["removed"] or 0) > 5:
            fault, remedy = (
                f"{each['removed']} lines of tests are taken away",
                "say why, or keep what they watched over",
            )
            yield Finding("medium", each["path"], fault, "what they watched over can break unseen", remedy)
    names = {each["path"].rpartition("/")[2] for each in files}
    for manifest, locks in (
        ("package.json", ("package-lock.json", "yarn.lock", "pnpm-lock.yaml")),
        ("Cargo.toml", ("Cargo.lock",)),
    ):
        if manifest in names and not names.intersection(locks):
            fault, remedy = "what is needed changes, and no lock file does", "update the lock file too"
            yield Finding("low", manifest, fault, "others may get other versions", remedy)
    for each in files:
        if each["binary"] and not _DOCS.search(each["path"]):
            fault, remedy = "a binary file changes", "see that it is meant, and where it comes from"
            yield Finding("low", each["path"], fault, "nobody can review what is in it", remedy)
