"""`version.next`: the version that comes after another."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from skills import SkillError, skill
from skills.library.release._versions import SemVer, read_version
from workflows.values import Json

_HEAD = re.compile(r"(?P<kind>[a-zA-Z]+)(?:\([^)]*\))?(?P<breaking>!)?:\s")
_FEATURES = frozenset({"feat", "feature"})


@skill(name="version.next", effect="pure")
def next_version(
    version: str,
    part: Literal["major", "minor", "patch", "pre", "release", "auto"] = "auto",
    commits: list[dict[str, Any]] | None = None,
    pre: str = "rc",
) -> dict[str, Json]:
    """Give the version that follows, by Semantic Versioning; from commits, by Conventional Commits.

    Args:
        version: The one before, such as 1.4.2 or v1.4.2.
        part: What to raise. pre numbers a release candidate, release ends it. auto looks at the commits: a breaking one
            raises major (minor below 1.0), a feature minor, anything else patch.
        commits: Those since then, as git.log gives them; needed for auto.
        pre: What a release candidate is called.

    Returns: {version, before, part, reason, changed}. `changed` is false where there are no commits.
    """
    old = read_version(version)
    reason = f"{part} was asked for"
    chosen: str = part
    if part == "auto":
        if commits is None:
            raise SkillError(
                "without commits nobody can say which version follows", "give `commits` or `part`", "validation"
            )
        if not commits:
            return {
                "version": version,
                "before": version,
                "part": None,
                "reason": "nothing was committed",
                "changed": False,
            }
        chosen, reason = _from(commits, old)
    new = _raised(old, chosen, pre)
    return {"version": str(new), "before": version, "part": chosen, "reason": reason, "changed": True}


def _from(commits: list[dict[str, Any]], old: SemVer) -> tuple[str, str]:
    feature = ""
    for commit in commits:
        subject, body = str(commit.get("subject", "")), str(commit.get("body") or "")
        head = _HEAD.match(subject)
        if (head and head["breaking"]) or re.search(r"^BREAKING[ -]CHANGE:", body, re.MULTILINE):
            return ("major" if old.major else "minor"), f"a breaking change: {subject[:200]}"
        if head and head["kind"].lower() in _FEATURES and not feature:
            feature = subject
    if feature:
        return "minor", f"a feature: {feature[:200]}"
    return "patch", "neither a feature nor a breaking change"


def _raised(old: SemVer, part: str, pre: str) -> SemVer:
    base = replace(old, build="", pre=())
    if part == "release":
        if not old.pre:
            raise SkillError(f"{old} is a release already", "", "validation")
        return base
    if part == "pre":
        if old.pre and old.pre[0] == pre:
            number = int(old.pre[1]) + 1 if len(old.pre) > 1 and old.pre[1].isdigit() else 1
            return replace(base, pre=(pre, str(number)))
        base = base if old.pre else _raised(old, "patch", pre)
        return replace(read_version(f"{base}-{pre}.1"), prefix=base.prefix)
    if part == "major":
        return replace(base, major=old.major + (not old.pre or bool(old.minor or old.patch)), minor=0, patch=0)
    if part == "minor":
        return replace(base, minor=old.minor + (not old.pre or bool(old.patch)), patch=0)
    return replace(base, patch=old.patch + (not old.pre), short=False)
