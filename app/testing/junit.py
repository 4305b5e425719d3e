"""The results of tests as JUnit XML, which services that build software read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from app.present.testing import problem_lines
from app.testing.running import Outcome

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def junit(outcomes: Sequence[Outcome]) -> bytes:
    """One suite for each workflow, one case for each test. Times are seconds."""
    root = Element("testsuites", {"name": "understudy", **_counts(outcomes)})
    for workflow in dict.fromkeys(outcome.workflow for outcome in outcomes):
        ours = [outcome for outcome in outcomes if outcome.workflow == workflow]
        suite = SubElement(root, "testsuite", {"name": _text(workflow or "unreadable"), **_counts(ours)})
        for outcome in ours:
            case = SubElement(
                suite,
                "testcase",
                name=_text(outcome.name),
                classname=_text(workflow or "unreadable"),
                file=_text(str(outcome.path)),
                time=f"{outcome.seconds:.3f}",
            )
            properties = SubElement(case, "properties")
            SubElement(properties, "property", name="replayed", value="true")
            if outcome.verdict != "passed":
                lines = [line for line, _ in problem_lines(outcome)]
                tag = "failure" if outcome.verdict == "failed" else "error"
                SubElement(case, tag, message=_text(lines[0].strip() if lines else "")).text = _text("\n".join(lines))
            if outcome.notes:
                SubElement(case, "system-out").text = _text("\n".join(outcome.notes))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {
        "tests": str(len(outcomes)),
        "failures": str(sum(outcome.verdict == "failed" for outcome in outcomes)),
        "errors": str(sum(outcome.verdict == "broken" for outcome in outcomes)),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
