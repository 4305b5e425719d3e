"""Real git repositories, the same commits with the same hashes every time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2024, 1, 1, 12, 0, tzinfo=UTC)
"""When the first commit was made; each further one comes an hour later."""

PEOPLE = (
    ("Ada Lovelace", "ada@example.org"),
    ("Grace Hopper", "grace@example.org"),
    ("Alan Turing", "alan@example.org"),
)

TOPICS = (
    "Add {} to the parser",
    "Fix {} on empty input",
    "Speed up {}",
    "Document {}",
    "Remove the old {}",
)
THINGS = ("caching", "the command line", "time zones", "retries", "the exporter", "paging", "error messages")


def make_repository(
    path: Path,
    *,
    commits: int = 10,
    tag_at: Mapping[str, int] | Sequence[int] = (),
    branch: str = "main",
) -> list[str]:
    """A repository at `path` with `commits` commits, oldest first; returns their hashes.

    `tag_at` names a tag and the number of the commit it is on, counted from 1; given numbers alone, the tags are
    v1.0.0, v1.1.0 and so on. Commit n changes `src/module_<n % 7>.py`; every fifth has a body; authors take turns.
    """
    git(path, "init", "--quiet", f"--initial-branch={branch}", new=True)
    names = dict(tag_at) if isinstance(tag_at, Mapping) else {f"v1.{n}.0": at for n, at in enumerate(tag_at)}
    made = []
    for number in range(1, commits + 1):
        thing = THINGS[number % len(THINGS)]
        body = f"\n\nThis is change number {number}.\nIt took a while." if number % 5 == 0 else ""
        file = path / "src" / f"module_{number % 7}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'"""Version {number} of a module."""\n\nVALUE = {number}\n')
        made.append(commit(path, TOPICS[number % len(TOPICS)].format(thing) + body, number=number))
        for name, at in names.items():
            if at == number:
                git(path, "tag", "--annotate", "-m", f"Release {name}", name, number=number)
    return made


def commit(path: Path, message: str, *, number: int = 1, allow_empty: bool = False) -> str:
    """Commit everything that is in the folder. `number` decides the author and the time. Returns the hash."""
    git(path, "add", "--all", number=number)
    extra = ["--allow-empty"] if allow_empty else []
    git(path, "commit", "--quiet", "--cleanup=verbatim", *extra, "-F", "-", number=number, stdin=message)
    return git(path, "rev-parse", "HEAD").strip()


def git(path: Path, *words: str, number: int = 1, stdin: str = "", new: bool = False) -> str:
    """Run git with nobody's configuration, at a fixed time, and return its output."""
    if new:
        path.mkdir(parents=True, exist_ok=True)
    name, email = PEOPLE[number % len(PEOPLE)]
    when = (START + timedelta(hours=number)).isoformat()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
        "GIT_COMMITTER_DATE": when,
    }
    done = subprocess.run(
        ["git", *words], cwd=path, env=environ, input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
    return done.stdout
