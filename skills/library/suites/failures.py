"""`suites.failures`: failing tests by what they have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from skills import Context, SkillError, skill
from skills.library.file._content import read_bytes
from skills.library.file._glob import SKIPPED
from skills.library.text.log import kind_of_line
from skills.paths import is_closed, shown
from workflows.text import safe_text
from workflows.values import Json

_MOST_FAILURES = 5000
_LISTED = 50
_RAISED = re.compile(
    r"^(?:E\s+)?((?:[\w.]+)?(?:Error|Exception|Failure|Failed|Warning|Timeout|assert)\b.*)$", re.MULTILINE
)
_PLACE = re.compile(r"(?:File \")?([\w./\\-]+\.(?:py|js|ts|tsx|go|rs|java|rb|php|cs))(?:\", line |:|\()(\d+)")


@skill(name="suites.failures", effect="pure", touches=["reads"])
def group(
    context: Context, paths: list[Path] | None = None, failures: list[dict[str, Any]] | None = None
) -> dict[str, Json]:
    """Sort failing tests by cause: those whose messages differ in numbers, paths and quoted texts only belong together.

    Args:
        paths: Reports in the form of JUnit, which most test programs write, or folders with such.
        failures: {test, message} besides or instead, as test_runner gives them.

    Returns: {tests, failed, groups: [{cause, count, tests, where, example}], text}. `tests` is how many the reports
        have, null without reports. The largest group comes first; `where` is the last place of the project that its
        first trace names. `text` is all of it as Markdown.
    """
    total, found = None, list(failures or ())
    for file in _reports(context, paths or []):
        count, more = _read(context, file)
        total = (total or 0) + count
        found += more
    groups: dict[str, dict[str, Any]] = {}
    for failure in found[:_MOST_FAILURES]:
        message = safe_text(str(failure.get("message", "")), limit=4000)
        said = _cause(message)
        key = kind_of_line(said)
        each = groups.setdefault(
            key, {"cause": said, "count": 0, "tests": [], "where": None, "example": message[:1000]}
        )
        each["count"] += 1
        each["where"] = each["where"] or _where(message + "\n" + str(failure.get("trace", "")))
        if len(each["tests"]) < _LISTED:
            each["tests"].append(str(failure.get("test", ""))[:300])
    ordered = sorted(groups.values(), key=lambda each: -each["count"])
    result: dict[str, Json] = {"tests": total, "failed": len(found), "groups": list(ordered)}
    return {**result, "text": _text(result)}


def _reports(context: Context, paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            for each in sorted(path.rglob("*.xml")):
                ours = SKIPPED.intersection(each.parts) or is_closed(each, context.closed)
                if each.is_file() and not each.is_symlink() and not ours:
                    yield each
        else:
            raise SkillError(f"there is no report {shown(context.root, path)}", "a file of JUnit's form", "dependency")


def _read(context: Context, file: Path) -> tuple[int, list[dict[str, Any]]]:
    try:
        root = ElementTree.fromstring(read_bytes(context.root, file))  # noqa: S314  # expat bounds entities
    except ElementTree.ParseError as error:
        raise SkillError(
            f"{shown(context.root, file)} is no report: {error}", "a file of JUnit's form", "validation"
        ) from None
    cases = list(root.iter("testcase"))
    found = []
    for case in cases:
        for problem in (*case.findall("failure"), *case.findall("error")):
            name = "::".join(word for word in (case.get("classname"), case.get("name")) if word)
            text = (problem.text or "").strip()
            kind, said = problem.get("type") or "", (problem.get("message") or "").strip()
            message = said or text
            if kind and kind.rpartition(".")[2] not in message:
                message = f"{kind}: {message}"
            found.append({"test": name, "message": message, "trace": text})
    return len(cases), found


def _cause(message: str) -> str:
    """The line that says what was raised; the first where none does."""
    raised = _RAISED.findall(message)
    lines = message.strip().splitlines() or ["(nothing was said)"]
    return str(raised[-1] if raised else lines[0]).strip()[:300]


def _where(text: str) -> str | None:
    places = [
        match for match in _PLACE.finditer(text) if "site-packages" not in match[1] and "node_modules" not in match[1]
    ]
    return f"{places[-1][1]}:{places[-1][2]}" if places else None


def _text(result: Mapping[str, Any]) -> str:
    of = "" if result["tests"] is None else f" of {result['tests']}"
    count = len(result["groups"])
    lines = [
        f"{result['failed']}{of} tests failed, for {count} {'cause' if count == 1 else 'causes'} by their messages."
    ]
    for number, each in enumerate(result["groups"], 1):
        where = f" at `{each['where']}`" if each["where"] else ""
        lines += [
            "",
            f"## {number}. {each['cause']}",
            "",
            f"{each['count']} {'test' if each['count'] == 1 else 'tests'}{where}:",
            "",
        ]
        lines += [f"- `{test}`" for test in each["tests"][:10]]
        lines += [f"- {each['count'] - 10} more"] if each["count"] > 10 else []
    return "\n".join(lines) + "\n"
