"""The demo's sample project: copied out of the package and made into a real git repository with a few commits."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.paths import WORKSPACE
from workflows.errors import UnderstudyError

SAMPLE = Path(__file__).parent / "sample"

_COMMITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Add a kettle that knows its teas", ("README.md", "src/kettle.js")),
    ("Add the menu with its prices", ("src/menu.js",)),
    ("Take orders", ("src/orders.js",)),
    ("Write the guide", ("docs/guide.md",)),
    ("Say how to set it up", ("docs/setup.md",)),
)


def make_sample(environ: Mapping[str, str]) -> Path:
    """The sample project in a new temporary folder of its own (0700), and the folder.

    Raises UnderstudyError where git is missing or nothing can be written.
    """
    git = shutil.which("git", path=environ.get("PATH"))
    if git is None:
        raise UnderstudyError("The demo needs git, which is not on PATH.", "Install git, such as: apt install git")
    try:
        folder = Path(tempfile.mkdtemp(prefix="understudy-demo-")).resolve()
        # Not a copy of the package's permissions: an installed package may be read-only.
        shutil.copytree(
            SAMPLE,
            folder,
            dirs_exist_ok=True,
            copy_function=shutil.copyfile,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        folder.chmod(0o700)  # copytree has given it the package's
        (folder / "understudy").rename(folder / WORKSPACE)
    except OSError as error:
        raise UnderstudyError(f"The sample project cannot be written: {error.strerror}.", "Set TMPDIR.") from error
    _commit(git, folder)
    return folder


def keep_as_start(made: Path, root: Path) -> Path:
    """Copy the tour's workflow, agents, skill and link check, as they are in `made`, into the workspace of `root`.

    Returns the workflow's path. Raises UnderstudyError, and copies nothing, where a file of theirs is there already.
    """
    ours = SAMPLE / "understudy"
    names = sorted(
        path.relative_to(ours) for path in ours.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    place = root / WORKSPACE
    if there := [str(name) for name in names if (place / name).exists()]:
        raise UnderstudyError(f"{place} has these already: {', '.join(there)}.", "Nothing was copied.")
    try:
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made / WORKSPACE / name, place / name)
    except OSError as error:
        raise UnderstudyError(f"{place} cannot be written: {error.strerror}.", "Change to a folder that can.") from None
    return place / "workflows" / "tour.yaml"


def _commit(git: str, folder: Path) -> None:
    """The same commits every time: nothing of the user's git settings has a part in them."""
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada Sample",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada Sample",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }

    def run(*words: str, date: str = "2026-01-05T09:00:00Z") -> None:
        stamped = {**environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        done = subprocess.run(  # noqa: S603  # the words are this file's own
            [git, *words], cwd=folder, env=stamped, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise UnderstudyError(f"git {words[0]} failed: {done.stderr.strip()}", "The demo needs a git that works.")

    run("init", "--quiet", "--initial-branch=main", "--template=")
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text(".understudy/\n", encoding="utf-8")
    for day, (subject, files) in enumerate(_COMMITS, 5):
        date = f"2026-01-{day:02}T09:00:00Z"
        run("add", "--", *files)
        run("commit", "--quiet", "--no-verify", "-m", subject, date=date)
