"""Published versions in words and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.present.figures import ago, timestamp
from app.present.run import SCHEMA_VERSION
from workflows.text import one_line, safe_json
from workflows.unattended.values import Version
from workflows.values import Json

HEADER = ("VERSION", "STATE", "PUBLISHED", "BY", "DIGEST", "NOTE")


def version_row(version: Version, now: float, changed: Sequence[str]) -> tuple[str, ...]:
    """One line of a list. `changed` are the skills and agents that are others now."""
    since = f"changed since: {', '.join(changed)}" if changed else ""
    note = " · ".join(filter(None, (one_line(version.note, 80), one_line(since, 120))))
    return (version.name, version.status, ago(version.published, now), version.by, version.digest[:12], note)


def version_document(version: Version, changed: Sequence[str]) -> dict[str, Json]:
    """One version as JSON, without its texts."""
    return {
        "version": version.name,
        "workflow": version.workflow,
        "number": version.number,
        "status": version.status,
        "digest": version.digest,
        "published": timestamp(version.published),
        "by": version.by,
        "note": version.note,
        "root": version.root,
        "path": version.path,
        "children": {child.name: child.digest for child in version.children},
        "code": dict(version.code),
        "changed": list(changed),
    }


def versions_document(versions: Sequence[Version], changed: Mapping[str, Sequence[str]]) -> Json:
    """A list of versions as JSON."""
    listed: list[Json] = [version_document(each, changed.get(each.name, ())) for each in versions]
    return safe_json({"schema_version": SCHEMA_VERSION, "versions": listed})
