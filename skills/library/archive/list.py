"""`archive.list`: what lies in an archive."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from skills import Context, skill
from skills.library.archive._kinds import MOST_ENTRIES, open_archive
from skills.paths import shown
from workflows.values import Json


@skill(name="archive.list", effect="pure", touches=["reads"])
def list_entries(context: Context, path: Path, limit: int = 1000) -> dict[str, Json]:
    """List what lies in an archive of the workspace: zip, whl, jar, tar, and tar packed with gzip, bzip2 or xz.

    Args:
        path: The archive.
        limit: How many entries at most, up to 20000. Of a packed tar no more than 500 MB are looked through.

    Returns: {path, entries: [{name, type, bytes}], bytes, truncated}. `bytes` is what all listed would unpack to.
    """
    with open_archive(context, path) as archive:
        limit = min(max(limit, 0), MOST_ENTRIES)
        found = list(islice(archive.entries(), limit + 1))
    entries: list[Json] = [{"name": each.name, "type": each.kind, "bytes": each.size} for each in found[:limit]]
    return {
        "path": shown(context.root, path),
        "entries": entries,
        "bytes": sum(each.size for each in found[:limit]),
        "truncated": len(found) > limit or archive.cut,
    }
