"""`git.commit`: changes of some files, committed."""

from __future__ import annotations

from pathlib import Path

from skills import Context, Preview, SkillError, skill
from skills.library.git._git import Repository, failed, open_repository
from skills.paths import shown
from workflows.values import Json, digest

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
    patch = await repository.read("diff", "--no-ext-diff", "--no-textconv", "HEAD", "--", *names)
    new = await repository.read("ls-files", "--others", "--exclude-standard", "--", *names)
    body = "".join(f"new: {name}\n" for name in new.splitlines()) + patch
    facts = {"message": message.strip().split("\n")[0], "files": ", ".join(shown(context.root, path) for path in paths)}
    hashes = [path.read_bytes().hex() for path in paths if path.is_file() and path.stat().st_size < 10**6]
    return Preview("Commit to git", f"{message.strip()}\n\n{body}", facts, {"change": digest(patch, new, hashes)})


async def _ready(context: Context, message: str, paths: list[Path], repo: Path | None) -> Repository:
    if not message.strip() or "\0" in message:
        raise SkillError("a commit needs a message", "", "validation")
    if not paths:
        raise SkillError("there is nothing to commit: `paths` is empty", "name the files; '.' is all", "validation")
    repository = await open_repository(context, repo)
    if not await repository.has_commits():
        raise SkillError("the repository has no commit yet", "make the first one yourself", "dependency")
    return repository


async def _changed(repository: Repository, names: list[str]) -> list[str]:
    """Files that differ between the index and the last commit."""
    words = ("diff", "--cached", "--no-ext-diff", "--no-textconv", "--no-renames", "--name-only", "-z", "--", *names)
    return [name for name in (await repository.read(*words)).split("\0") if name]
