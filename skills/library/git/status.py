"""`git.status`: the branch and what is not committed."""

from __future__ import annotations

from pathlib import Path

from skills import Context, skill
from skills.library.git._git import failed, inside, open_repository
from workflows.values import Json

_MAX_FILES = 2000

_CHANGES = {
    "M": "modified",
    "T": "type changed",
    "A": "added",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
}


@skill(name="git.status", effect="pure", touches=["reads", "shell"])
async def status(context: Context, repo: Path | None = None, untracked: bool = True) -> dict[str, Json]:
    """Show the branch of a git repository, and the files that differ from its last commit.

    Args:
        repo: The repository, or a folder in it: only what lies below that folder. The workspace if not given.
        untracked: List files that git does not know, too.

    Returns: {branch, commit, upstream, ahead, behind, clean, staged: [{path, change, old_path}], unstaged: [{path,
        change}], untracked: [path], conflicts: [path], truncated}. `branch` is null where none is checked out, `commit`
        before the first one. `clean` says that nothing is listed.
    """
    repository = await open_repository(context, repo)
    done = await repository.git(
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--ignore-submodules=dirty",
        f"--untracked-files={'all' if untracked else 'no'}",
        *inside(repository, []),
    )
    if done.exit != 0:
        raise failed("status", done)
    heads: dict[str, str] = {}
    staged: list[Json] = []
    unstaged: list[Json] = []
    new: list[Json] = []
    conflicts: list[Json] = []
    lines = iter(done.stdout.split("\0"))
    for line in lines:
        kind, _, rest = line.partition(" ")
        if kind == "#":
            word, _, value = rest.partition(" ")
            heads[word] = value
        elif kind == "?":
            new.append(rest)
        elif kind == "u":
            conflicts.append(rest.split(" ", 9)[-1])
        elif kind in ("1", "2"):
            states, path = rest[:2], rest.split(" ", 7 if kind == "1" else 8)[-1]
            old = next(lines, None) if kind == "2" else None
            if states[0] != ".":
                staged.append({"path": path, "change": _CHANGES.get(states[0], states[0]), "old_path": old})
            if states[1] != ".":
                unstaged.append({"path": path, "change": _CHANGES.get(states[1], states[1])})
    ahead, _, behind = heads.get("branch.ab", "").partition(" ")
    listed = (staged, unstaged, new, conflicts)
    return {
        "branch": _unless(heads.get("branch.head"), "(detached)"),
        "commit": _unless(heads.get("branch.oid"), "(initial)"),
        "upstream": heads.get("branch.upstream"),
        "ahead": int(ahead) if ahead else None,
        "behind": -int(behind) if behind else None,
        "clean": not any(listed),
        "staged": staged[:_MAX_FILES],
        "unstaged": unstaged[:_MAX_FILES],
        "untracked": new[:_MAX_FILES],
        "conflicts": conflicts[:_MAX_FILES],
        "truncated": done.truncated or any(len(entries) > _MAX_FILES for entries in listed),
    }


def _unless(value: str | None, nothing: str) -> str | None:
    return None if value == nothing else value
