"""`release.prepare`: a version of a repository as a release folder of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.git._git import failed, open_repository, revision
from skills.paths import check_writable, shown
from workflows.values import Json

_MARK = ".release.json"
"""What a release says of itself: the version that was asked for, and its commit."""

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@skill(name="release.prepare", effect="idempotent", touches=["reads", "writes", "shell"])
async def prepare(context: Context, releases: Path, version: str, repo: Path | None = None) -> dict[str, Json]:
    """Put the files of a version of a git repository into a release folder. Nothing that is served changes by it.

    The folder appears whole or not at all. A tag gives it its name, a branch its name and commit. Links that lead out
    of the release are left out, and so are submodules.

    Args:
        releases: The folder of releases; it is made where it is missing.
        version: A tag, branch or commit.
        repo: The repository; the workspace if not given.

    Returns: {release, path, version, commit, files, created}. `release` is the folder's name; `created` is false where
        this commit was prepared before.
    """
    check_writable(context.root, releases / "x", context.closed)
    repository = await open_repository(context, repo)
    found = await repository.git(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision(version)}^{{commit}}"
    )
    if found.exit != 0:
        hint = "a tag, branch or commit; git.tags lists the tags"
        raise SkillError(f"there is no version '{version}' in this repository", hint, "validation")
    commit = found.stdout.strip()
    is_tag = (await repository.git("rev-parse", "--verify", "--quiet", f"refs/tags/{version}")).exit == 0
    name = _folder_name(version if is_tag else "" if _COMMIT.fullmatch(version) else version, commit, is_tag)
    place = releases / name
    if (place / _MARK).is_file() and json.loads((place / _MARK).read_bytes()).get("commit") == commit:
        return _result(context, place, version, commit, _count(place), False)
    if place.exists():
        hint = "move it away, or deploy another version"
        raise SkillError(f"{shown(context.root, place)} is there already, and is no release of {commit[:7]}", hint)
    new = _beside(releases)
    try:
        environ = {**repository.environ, "GIT_INDEX_FILE": str(new / ".index")}
        aside = replace(repository, environ=environ)
        for words in (("read-tree", commit), ("checkout-index", "--all", f"--prefix={new}/")):
            done = await aside.git(*words)
            if done.exit != 0:
                raise failed(words[0], done)
        files = _finish(new, place, {"version": version, "commit": commit})
    except OSError as error:
        raise SkillError(f"the release cannot be written: {error.strerror}", "", "resource") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
    context.emit(f"{version} ({commit[:7]}): {files} files in {shown(context.root, place)}\n")
    return _result(context, place, version, commit, files, True)


def _folder_name(said: str, commit: str, is_tag: bool) -> str:
    """A name for the folder; a branch moves on, so its commit is in it."""
    plain = re.sub(r"[^\w.+-]+", "-", said).strip(".-")
    return plain if is_tag and plain else "-".join(filter(None, (plain, commit[:10])))


def _beside(releases: Path) -> Path:
    """A new folder, which is no release before it has its name."""
    releases.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".preparing-", dir=releases))


def _finish(new: Path, place: Path, mark: dict[str, str]) -> int:
    """Give what was written its name, in one step. Returns how many files it has."""
    (new / ".index").unlink(missing_ok=True)
    _drop_links_out(new)
    files = _count(new)
    (new / _MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
    new.chmod(0o755)
    os.rename(new, place)
    return files


def _drop_links_out(folder: Path) -> None:
    for link in (each for each in folder.rglob("*") if each.is_symlink()):
        try:
            stays = link.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError):
            stays = False  # it leads in a circle
        if not stays:
            link.unlink()


def _count(folder: Path) -> int:
    return sum(each.is_file() and each.name != _MARK for each in folder.rglob("*"))


def _result(context: Context, place: Path, version: str, commit: str, files: int, created: bool) -> dict[str, Json]:
    return {
        "release": place.name,
        "path": shown(context.root, place),
        "version": version,
        "commit": commit,
        "files": files,
        "created": created,
    }
