"""What a step does, by the words in its kind, skill, workflow and id."""

from __future__ import annotations

from collections.abc import Mapping

from composer.evaluation.subject import Seen

ROLES: Mapping[str, frozenset[str]] = {
    role: frozenset(words.split())
    for role, words in {
        "write": "write writer save saver store patch replace put append update edit export copy move rename "
        "apply fill extract restore",
        "deploy": "deploy deployment deployer release rollout roll promote ship publish switch activate live cutover "
        "install canary",
        "test": "test tester pytest unittest coverage suite vitest jest",
        "check": "check checker verify verification validate validator assert ensure scan scanner audit inspect health "
        "probe checksum compare review smoke profile quality fresh freshness lint prove",
        "backup": "backup back archive snapshot dump safeguard preserve",
        "restore": "restore recover recovery rollback revert undo unpack extract",
        "read": "read reader load list get query log diff status tags tag search summary collect gather look profile "
        "facts history find stats scan fetch input commits inspect measure git csv sqlite",
        "transform": "transform convert clean cleaner filter map aggregate normalise normalize merge join sort group "
        "format render template parse select dedupe mend reshape sum split compute shape",
        "fetch": "fetch http download page web crawl scrape request url get pull",
        "notify": "notify notification alert mail email slack tell announce message warn alarm shout ping",
        "commit": "commit push tag",
        "delete": "delete remove prune purge cleanup drop erase",
        "ask": "ask approval question approve confirm gate consent",
        "lint": "lint linter ruff flake eslint mypy style formatter black",
    }.items()
}
"""The words of each role. A step may have several."""

_NOT_BY_ID = {"agent": frozenset({"write", "writer"})}
"""What an agent is called says that it writes a text, which changes no file."""


def has_role(seen: Seen, role: str) -> bool:
    """Whether the step does this. Raises KeyError for a role that there is not."""
    words = seen.words
    if role in ("write", "commit", "delete") and seen.step.type in _NOT_BY_ID | {"transform": frozenset()}:
        return False  # a text is made, and nothing outside changes
    if role == "write" and seen.step.type == "skill":
        words = words if not (seen.skill and _only_reads(seen)) else frozenset()
    return bool(words & ROLES[role])


def _only_reads(seen: Seen) -> bool:
    """Whether a skill's own name says that it reads: then what the step is called does not make it write."""
    last = seen.skill.rpartition(".")[2]
    return last in {"read", "list", "log", "diff", "status", "tags", "search", "summary", "query", "profile", "check"}
