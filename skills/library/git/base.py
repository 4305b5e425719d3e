"""`git.base`: the branch that changes are to go into."""

from __future__ import annotations

from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.git._git import Repository, open_repository, revision
from workflows.values import Json

_USUAL = ("main", "master", "trunk", "develop")


@skill(name="git.base", effect="pure", touches=["reads", "shell"])
async def base(context: Context, repo: Path | None = None, given: str = "") -> dict[str, Json]:
    """Find the branch that changes of a git repository are to go into.

    Args:
        repo: The repository, or a folder in it. The workspace if not given.
        given: The branch, where somebody has said it.

    Returns: {branch}. Where none is given it is the one that `origin` calls its main one, else main, master, trunk or
        develop, whichever is there first.
    """
    repository = await open_repository(context, repo)
    if given:
        return {"branch": revision(given)}
    done = await repository.git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    main = done.stdout.strip() if done.exit == 0 else ""
    for name in (*((main.removeprefix("origin/"), main) if main else ()), *_USUAL):
        if await _is_there(repository, name):
            return {"branch": name}
    usual = f"{', '.join(_USUAL[:-1])} nor {_USUAL[-1]}"
    raise SkillError(f"there is no branch {usual} here", "say which branch the changes go into", "dependency")


async def _is_there(repository: Repository, name: str) -> bool:
    return (await repository.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")).exit == 0
