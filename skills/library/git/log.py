"""`git.log`: commits as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.git._git import Repository, failed, inside, open_repository, revision
from workflows.values import Json

_MAX_LIMIT = 10_000
_MAX_TEXT = 700 * 1024
"""Bytes of all commits together, so that the result fits: newest first."""

_MAX_BODY = 4000
"""Characters of a body, and of a subject."""

_MAX_FIELD = 16_000
"""Characters of anything else, and of what is read of a field at all: one commit must not hide the others."""

_FIELDS = ("%H", "%h", "%P", "%aI", "%an", "%ae", "%D", "%s", "%b")


@dataclass(frozen=True)
class _Range:
    """What is asked for: a revision or range for git, and the tag it starts after."""

    words: str
    tag: str | None = None


@skill(name="git.log", effect="pure", touches=["reads", "shell"])
async def log(
    context: Context,
    repo: Path | None = None,
    range: str | None = None,  # noqa: A002  # git's word for it
    since_last_tag: bool = False,
    since: str | None = None,
    until: str | None = None,
    path: Path | None = None,
    merges: bool = True,
    limit: int = 500,
) -> dict[str, Json]:
    """List commits of a git repository, newest first.

    Args:
        repo: The repository, or a folder in it; the workspace if not given.
        range: A revision or a range of revisions, such as v1.2.0..HEAD; HEAD if not given.
        since_last_tag: Only what came after the newest tag that HEAD contains; everything where there is no tag.
        since: Only commits after this time, such as 2024-05-01 or "2 weeks ago".
        until: Only commits before this time.
        path: Only commits that change this file or folder.
        merges: Merge commits too.
        limit: How many commits at most, up to 10000.

    Returns: {commits: [{hash, short, parents, date, author, email, refs, tags, subject, body}], count, range, tag,
        authors: [{name, email, commits}], truncated}. `tag` is the one that since_last_tag found, or null. `truncated`
        says that there are more. Dates are ISO 8601. Authors are in order of their commits.
    """
    if not 1 <= limit <= _MAX_LIMIT:
        raise SkillError(f"limit is {limit}", f"from 1 to {_MAX_LIMIT}", "validation")
    if range and since_last_tag:
        raise SkillError("range and since_last_tag exclude each other", "give one of them", "validation")
    repository = await open_repository(context, repo)
    if not range and not await repository.has_commits():
        return _result([], _Range("HEAD"), False)
    asked = await _last_tag(repository) if since_last_tag else _Range(revision(range or "HEAD"))
    options = [f"--max-count={limit + 1}", f"--format=tformat:{'%x00'.join(_FIELDS)}", "--date-order"]
    options += ["-z", "--encoding=UTF-8", "--decorate=full", "--no-ext-diff", "--no-textconv"]
    options += [] if merges else ["--no-merges"]
    options += [f"--since={since}"] if since else []
    options += [f"--until={until}"] if until else []
    limits = inside(repository, [path]) if path else ["--"]
    commits = _Commits(limit)
    words = ("log", *options, "--end-of-options", asked.words, *limits)
    try:
        done = await repository.git(*words, head=_MAX_FIELD, read=commits.take)
    except SkillError as error:
        if error.failure.kind != "resource" or not commits.whole:
            raise
        return _result(commits.whole, asked, True)  # more than can be read, and as much as fits
    if done.exit != 0:
        raise failed("log", done)
    return _result(commits.whole, asked, commits.more)


async def _last_tag(repository: Repository) -> _Range:
    done = await repository.git("describe", "--tags", "--abbrev=0", "HEAD")
    tag = done.stdout.strip()
    return _Range(f"refs/tags/{tag}..HEAD", tag) if done.exit == 0 and tag else _Range("HEAD")


class _Commits:
    """Commits, read from git's output as it comes. `more` says that some were left out.

    Every field ends in NUL, which no commit can hold, so nothing in a message can be taken for a separator.
    """

    def __init__(self, limit: int) -> None:
        self.whole: list[dict[str, Json]] = []
        self.more = False
        self._limit, self._size = limit, 0
        self._fields: list[str] = []
        self._field = ""

    def take(self, text: str) -> None:
        for number, part in enumerate(text.split("\0")):
            if number:
                self._fields.append(self._field)
                self._field = ""
            if len(self._fields) == len(_FIELDS):
                self._add(_commit(*self._fields))
                self._fields = []
            self._field += part[: _MAX_FIELD - len(self._field)]

    def _add(self, commit: dict[str, Json]) -> None:
        self._size += sum(len(str(value).encode("utf-8", "replace")) + 20 for value in commit.values())
        self.more = self.more or self._size > _MAX_TEXT or len(self.whole) == self._limit
        if not self.more:
            self.whole.append(commit)


def _commit(
    full: str, short: str, parents: str, date: str, author: str, email: str, refs: str, subject: str, body: str
) -> dict[str, Json]:
    names = [name.removeprefix("HEAD -> ") for name in refs.split(", ") if name]
    if len(refs) == _MAX_FIELD:
        names.pop()  # its end may be missing
    return {
        "hash": full,
        "short": short,
        "parents": parents.split(),
        "date": date,
        "author": author,
        "email": email,
        "refs": [_short_ref(name) for name in names if not name.startswith("tag: ")],
        "tags": [_short_ref(name.removeprefix("tag: ")) for name in names if name.startswith("tag: ")],
        "subject": _cut(subject),
        "body": _cut(body.strip("\n")),
    }


def _short_ref(name: str) -> str:
    for prefix in ("refs/heads/", "refs/tags/", "refs/remotes/"):
        name = name.removeprefix(prefix)
    return name


def _cut(body: str) -> str:
    return body if len(body) <= _MAX_BODY else f"{body[:_MAX_BODY]}…"


def _result(commits: list[dict[str, Json]], asked: _Range, truncated: bool) -> dict[str, Json]:
    authors = Counter((str(commit["author"]), str(commit["email"])) for commit in commits)
    return {
        "commits": commits,
        "count": len(commits),
        "range": asked.words.removeprefix("refs/tags/"),
        "tag": asked.tag,
        "authors": [{"name": name, "email": email, "commits": count} for (name, email), count in authors.most_common()],
        "truncated": truncated,
    }
