"""`git.commit`: changes of some files, committed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.git._git import Repository, failed, open_repository
from skills.paths import shown
from workflows.text import safe_text
from workflows.values import Json, digest

_OPTIONS = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--no-color")

_QUIET = (
    *("-c", "commit.gpgSign=false"),  # a repository's own configuration can name the program that signs
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("-c", "core.commentChar=;"),
)


@skill(name="git.commit", effect="idempotent", touches=["reads", "writes", "shell"])
async def commit(context: Context, message: str, paths: list[Path], repo: Path | None = None) -> dict[str, Json]:
    """Commit the changes of some files to a git repository. What else is staged stays staged.

    No hook is run and nothing is signed. The author is whoever git's own configuration names.

    Args:
        message: The message; its first line is the subject.
        paths: Files and folders whose changes are committed, new and deleted files too.
        repo: The repository, or a folder in it. The workspace if not given.

    Returns: {commit, subject, files, committed}. `committed` is false where there is nothing to commit; then `commit`
        is the last one.
    """
    repository = await _ready(context, message, paths, repo)
    names = [str(path) for path in paths]
    await repository.read("add", "--all", "--", *names)
    changed = await _changed(repository, names)
    if changed:
        done = await repository.git(*_QUIET, "commit", "--no-verify", "--quiet", "-m", message, "--only", "--", *names)
        if done.exit != 0:
            if "tell me who you are" in done.stderr or "empty ident" in done.stderr:
                hint = "`git config --global user.name …` and `user.email …`"
                raise SkillError("git does not know who commits", hint, "dependency")
            raise failed("commit", done)
    head = (await repository.read("log", "--max-count=1", "--format=%H%x00%s")).rstrip("\n").split("\0")
    # An attempt of this call that committed and was not heard of again: its commit is the last one.
    earlier = not changed and head[1:] == [message.strip().split("\n")[0].strip()]
    return {"commit": head[0], "subject": head[1], "files": changed, "committed": bool(changed) or earlier}


@commit.preview
async def preview(context: Context, message: str, paths: list[Path], repo: Path | None = None) -> Preview:
    """The message and the change; bound to what is in the files."""
    repository = await _ready(context, message, paths, repo)
    names = [str(path) for path in paths]
    patch = await repository.read("diff", *_OPTIONS, "HEAD", "--", *names)
    changed = _listed(await repository.read("diff", *_OPTIONS, "--name-only", "-z", "HEAD", "--", *names))
    others = ("ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", *names)
    new = _listed(await repository.read(*others))
    top = Path((await repository.read("rev-parse", "--show-toplevel")).removesuffix("\n"))
    body = "".join(f"new: {name!a}\n" if safe_text(name) != name or "\n" in name else f"new: {name}\n" for name in new)
    facts = {"message": message.strip().split("\n")[0], "files": ", ".join(shown(context.root, path) for path in paths)}
    # The patch says nothing of what is new or binary, and may be cut.
    contents: Json = {name: await asyncio.to_thread(_content, top / name) for name in (*changed, *new)}
    return Preview("Commit to git", f"{message.strip()}\n\n{body}{patch}", facts, {"change": digest(patch, contents)})


def _listed(names: str) -> list[str]:
    return [name for name in names.split("\0") if name]


def _content(path: Path) -> str:
    """The SHA-256 of what would be committed of a file, in hex; where a link leads; empty where there is none."""
    try:
        if path.is_symlink():
            return os.readlink(path)
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return (
                hashlib.file_digest(file, "sha256").hexdigest() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else ""
            )
    except OSError:
        return ""


async def _ready(context: Context, message: str, paths: list[Path], repo: Path | None) -> Repository:
    if not message.strip() or "\0" in message:
        raise SkillError("a commit needs a message", "", "validation")
    if not paths:
        raise SkillError("there is nothing to commit: `paths` is empty", "name the files; '.' is all", "validation")
    if any(own.is_relative_to(path) for own in context.closed for path in paths):
        hint = "name the files that are meant"
        raise SkillError(
            "the settings and history of Understudy lie in what would be committed", hint, "denied", rule="own"
        )
    repository = await open_repository(context, repo)
    if not await repository.has_commits():
        raise SkillError("the repository has no commit yet", "make the first one yourself", "dependency")
    await _without_others(repository, [str(path) for path in paths])
    return repository


async def _without_others(repository: Repository, names: list[str]) -> None:
    """Raise SkillError where a submodule is meant: git would look into it, and run what its configuration names."""
    staged = await repository.git("ls-files", "--stage", "-z", "--", *names, head=64 * 1024 * 1024)
    for entry in staged.stdout.split("\0"):
        if entry.startswith("160000 "):
            name = entry.partition("\t")[2]
            raise SkillError(f"{name} is a repository of its own", "name the other files; commit it yourself", "denied")


async def _changed(repository: Repository, names: list[str]) -> list[str]:
    """Files that differ between the index and the last commit."""
    words = ("diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-renames", "--name-only", "-z", "--", *names)
    return [name for name in (await repository.read(*words)).split("\0") if name]
