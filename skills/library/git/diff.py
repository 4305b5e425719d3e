"""`git.diff`: what changed, as numbers and as a patch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.git._git import Repository, failed, inside, open_repository, revision
from workflows.values import Json

_OPTIONS = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--no-color", "--find-renames")
_PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")
_MAX_PATCH = 600 * 1024
_MAX_FILES = 2000


@skill(name="git.diff", effect="pure", touches=["reads", "shell"])
async def diff(
    context: Context,
    repo: Path | None = None,
    range: str | None = None,  # noqa: A002  # git's word for it
    staged: bool = False,
    path: Path | None = None,
    limit: int = 100_000,
) -> dict[str, Json]:
    """Show what changed in a git repository: since the last commit, or between two revisions.

    Files that git does not know yet are not in it; git.status lists them.

    Args:
        repo: The repository, or a folder in it: only what lies below that folder. The workspace if not given.
        range: Two revisions, such as main..HEAD, or one to compare the files with; HEAD if not given.
        staged: Only what is staged for the next commit.
        path: Only this file or folder.
        limit: How many bytes of the patch at most, up to 614400; 0 for the numbers alone.

    Returns: {files: [{path, old_path, added, removed, binary}], added, removed, patch, truncated}. `old_path` is where
        a renamed file was, else null. `truncated` says that the patch or the list of files is cut.
    """
    if not 0 <= limit <= _MAX_PATCH:
        raise SkillError(f"limit is {limit}", f"from 0 to {_MAX_PATCH}", "validation")
    repository = await open_repository(context, repo)
    compared = await _compared(repository, range, staged)
    limits = inside(repository, [path] if path else [])
    numbers = await repository.git("diff", *_OPTIONS, "--numstat", "-z", *compared, *limits)
    if numbers.exit != 0:
        raise failed("diff", numbers)
    files = list(_files(numbers.stdout))
    patch, cut = "", len(files) > _MAX_FILES or numbers.truncated
    if limit:
        done = await repository.git("diff", *_OPTIONS, *_PREFIXES, "--patch", *compared, *limits, head=limit)
        if done.exit != 0:
            raise failed("diff", done)
        patch, cut = done.stdout, cut or done.truncated
    return {
        "files": files[:_MAX_FILES],
        "added": sum(file["added"] or 0 for file in files),
        "removed": sum(file["removed"] or 0 for file in files),
        "patch": patch,
        "truncated": cut,
    }


async def _compared(repository: Repository, revisions: str | None, staged: bool) -> list[str]:
    first = ["--cached"] if staged else []
    if revisions:
        return [*first, "--end-of-options", revision(revisions)]
    if await repository.has_commits():
        return [*first, "--end-of-options", "HEAD"]
    return first  # before the first commit: what is staged against nothing, or the files against what is staged


def _files(numstat: str) -> Iterator[dict[str, Json]]:
    """`added TAB removed TAB path NUL`; for a rename the path is empty and two more fields follow."""
    fields = iter(numstat.split("\0"))
    for field in fields:
        if field.count("\t") < 2:
            continue  # the end, or a cut
        added, removed, path = field.split("\t", 2)
        old = None
        if not path:
            old, path = next(fields, ""), next(fields, "")
        binary = added == "-"
        yield {
            "path": path,
            "old_path": old,
            "added": None if binary else int(added),
            "removed": None if binary else int(removed),
            "binary": binary,
        }
