"""`commits.sort`: commits by what kind of change they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skills import skill
from workflows.values import Json

ORDER = ("Breaking changes", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Documentation", "Other")
"""After Keep a Changelog 1.1.0, with what it has no word for around it."""

_WORDS = {
    "Added": "feat feature add adds added allow create enable implement introduce new offer provide support",
    "Fixed": "fix fixes fixed bugfix hotfix avoid correct handle prevent repair resolve mend",
    "Security": "security sec",
    "Removed": "remove removes removed delete drop",
    "Deprecated": "deprecate deprecates deprecated",
    "Changed": "perf refactor style change changed clarify clean convert extract improve keep let make move optimise "
    "optimize reduce rename replace rewrite simplify speed split switch tidy update use revert reverts",
    "Documentation": "doc docs document documentation explain readme",
    "Other": "build bump chore ci deps lint pin prepare release test tests upgrade version",
}
_KIND = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_PREFIX = re.compile(r"(?P<kind>[A-Za-z]+)(?:\((?P<scope>[^)]{1,40})\))?(?P<breaks>!)?: +(?P<text>.+)")


@skill(name="commits.sort", effect="pure")
def sort(
    commits: list[dict[str, Any]], level: int = 3, hashes: bool = True, skip: list[str] | None = None
) -> dict[str, Json]:
    """Sort commits by what kind of change they are: by Conventional Commits, else by the first word of their subjects.

    Args:
        commits: As git.log gives them.
        level: How deep the headings of the text are.
        hashes: Whether each line of the text ends with the commit's short hash.
        skip: Kinds that are left out, such as Other and Documentation.

    Returns: {kinds: [{name, entries: [{text, scope, short}]}], count, text}. `kinds` has those that there are: Breaking
        changes, Added, Changed, Deprecated, Removed, Fixed, Security, Documentation, Other. Merges are left out. `text`
        is all of it as Markdown.
    """
    found: dict[str, list[dict[str, Json]]] = {name: [] for name in ORDER}
    for commit in commits:
        if len(commit.get("parents") or ()) < 2:
            name, entry = _sorted(commit)
            found[name].append(entry)
    kept = {name: entries for name, entries in found.items() if entries and name not in (skip or ())}
    return {
        "kinds": [{"name": name, "entries": list(entries)} for name, entries in kept.items()],
        "count": sum(map(len, kept.values())),
        "text": _text(kept, level, hashes),
    }


def _sorted(commit: Mapping[str, Any]) -> tuple[str, dict[str, Json]]:
    subject, body = str(commit.get("subject", "")), str(commit.get("body") or "")
    match = _PREFIX.fullmatch(subject)
    known = match if match and match["kind"].lower() in _KIND else None
    first = re.match(r"\w+", subject)
    kind = _KIND.get((known["kind"] if known else first[0] if first else "").lower(), "Other")
    if (known and known["breaks"]) or re.search(r"^BREAKING[ -]CHANGE:", body, re.MULTILINE):
        kind = "Breaking changes"
    text = (known["text"] if known else subject).strip() or "(no message)"
    scope = known["scope"] if known else None
    return kind, {"text": text[:1].upper() + text[1:], "scope": scope, "short": commit.get("short", "")}


def _text(kinds: Mapping[str, Sequence[Mapping[str, Json]]], level: int, hashes: bool) -> str:
    blocks = []
    for name, entries in kinds.items():
        lines = [_line(each, hashes) for each in entries]
        blocks.append("\n".join([f"{'#' * min(max(level, 1), 6)} {name}", "", *lines]))
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def _line(entry: Mapping[str, Json], hashes: bool) -> str:
    scope = f"**{_plain(entry['scope'])}:** " if entry["scope"] else ""
    short = f" (`{entry['short']}`)" if hashes and entry["short"] else ""
    return f"- {scope}{_plain(entry['text'])}{short}"


def _plain(text: Json) -> str:
    """Text that can be no tag and no link in Markdown."""
    return str(text).replace("<", "&lt;").replace("[", "\\[")
