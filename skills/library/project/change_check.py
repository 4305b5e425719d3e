"""`change.check`: what can be seen in a change without running it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from skills import skill
from skills.library.project._change_rules import Finding, of_files, of_lines
from workflows.values import Json

_SEVERITIES = ("high", "medium", "low")
_MOST = 100


@skill(name="change.check", effect="pure")
def check(files: list[dict[str, Any]], patch: str = "") -> dict[str, Json]:
    """Look at a change by fixed rules: secrets, conflict marks, debuggers, skipped tests, unsafe calls, missing tests.

    It sees only lines that are added and which files change; what it does not find may be there.

    Args:
        files: The changed files, as git.diff gives them.
        patch: The unified diff.

    Returns: {verdict, summary, findings: [{severity, place, fault, consequence, remedy}], high, medium, low, truncated,
        text}. `verdict` is change where anything of high severity was found, else approve. `text` is all of it as
        Markdown.
    """
    found = sorted(
        {*of_lines(patch), *of_files(files)}, key=lambda each: (_SEVERITIES.index(each.severity), each.place)
    )
    counts = {name: sum(each.severity == name for each in found) for name in _SEVERITIES}
    added, removed = (sum(each[side] or 0 for each in files) for side in ("added", "removed"))
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
    summary = f"{len(files)} files, {added} lines added, {removed} removed; found by fixed rules: {told}."
    lines = [summary, ""]
    lines += [f"- **{each.severity}** `{each.place}`: {each.fault}; {_follows(each)}" for each in found[:_MOST]]
    return {
        "verdict": "change" if counts["high"] else "approve",
        "summary": summary,
        "findings": [asdict(each) for each in found[:_MOST]],
        **counts,
        "truncated": len(found) > _MOST,
        "text": "\n".join(lines).rstrip() + "\n",
    }


def _follows(finding: Finding) -> str:
    return f"{finding.consequence}. {finding.remedy.capitalize()}."
