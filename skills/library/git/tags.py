"""`git.tags`: the tags of a repository."""

from __future__ import annotations

from pathlib import Path

from skills import Context, skill
from skills.library.git._git import failed, open_repository
from workflows.values import Json

_FIELDS = ("refname:strip=2", "objectname", "*objectname", "creatordate:iso-strict", "contents:subject")
_MOST = 5000


@skill(name="git.tags", effect="pure", touches=["reads", "shell"])
async def tags(context: Context, repo: Path | None = None, pattern: str = "*", limit: int = 200) -> dict[str, Json]:
    """List the tags of a git repository, the newest first.

    Args:
        repo: The repository, or a folder in it. The workspace if not given.
        pattern: Which tags, such as `v*`.
        limit: How many at most.

    Returns: {tags: [{name, commit, date, subject, annotated}], count, truncated}. `version.sort` puts names into the
        order of versions.
    """
    repository = await open_repository(context, repo)
    form = "%00".join(f"%({name})" for name in _FIELDS) + "%00"
    wanted = min(max(limit, 0), _MOST)
    words = ("for-each-ref", "--sort=-creatordate", f"--count={wanted + 1}", f"--format={form}", "--")
    done = await repository.git(*words, f"refs/tags/{pattern}")
    if done.exit != 0:
        raise failed("for-each-ref", done)
    fields = [field.lstrip("\n") for field in done.stdout.split("\0")]
    rows = [fields[at : at + len(_FIELDS)] for at in range(0, len(fields) - len(_FIELDS) + 1, len(_FIELDS))]
    found: list[Json] = [
        {"name": name, "commit": peeled or commit, "date": date, "subject": subject, "annotated": bool(peeled)}
        for name, commit, peeled, date, subject in rows
    ]
    return {"tags": found[:wanted], "count": len(found[:wanted]), "truncated": len(found) > wanted}
