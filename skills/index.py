"""What the built-in skills say, found out when they were written: reading 44 syntax trees takes 60 ms, this takes two.

`python -m skills.index` writes it anew. It speaks of contents, not of files: what has changed since is read as any
other skill file is, so that an old index is slow and never wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from skills.manifest import Skill

INDEX = Path(__file__).parent / "library" / "index.json"

_SAID = (
    "name",
    "description",
    "parameters",
    "returns",
    "effect",
    "line",
    "asynchronous",
    "execution",
    "previews",
    "undo",
)
"""Fields of a Skill that its source decides, besides `touches` and `digest`."""


def indexed(path: Path, source: bytes) -> tuple[Skill, ...] | None:
    """The skills of a built-in file; None where its content is not the one that the index knows."""
    digest = hashlib.sha256(source).hexdigest()
    entries = _entries().get(digest)
    if entries is None:
        return None
    return tuple(
        Skill(
            **{name: entry[name] for name in _SAID},
            touches=frozenset(entry["touches"]),
            digest=digest,
            scope="built-in",
            path=path,
            source=source,
        )
        for entry in entries
    )


@cache
def _entries() -> Mapping[str, list[dict[str, Any]]]:
    try:
        entries: dict[str, list[dict[str, Any]]] = json.loads(INDEX.read_bytes())
    except (OSError, ValueError):
        return {}
    return entries


def index_text() -> str:
    """The index of the library as it is now: digest of a file's content -> its skills, one a line."""
    from skills.discover import BUILT_IN, read_manifests
    from skills.written import SkillFiles

    lines: list[str] = []
    for path in SkillFiles().files(BUILT_IN):
        source = path.read_bytes()
        found = read_manifests(path, "built-in", source)
        if isinstance(found, list):
            said = [
                {**{name: getattr(skill, name) for name in _SAID}, "touches": sorted(skill.touches)} for skill in found
            ]
            entry = {hashlib.sha256(source).hexdigest(): said}
            lines.append(json.dumps(entry, ensure_ascii=False)[1:-1])
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    INDEX.write_text(index_text(), encoding="utf-8")
