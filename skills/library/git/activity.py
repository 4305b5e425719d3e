"""`git.activity`: who works on what, and which files change most."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from skills import Context, skill
from skills.library.git._git import failed, inside, open_repository
from workflows.text import one_line
from workflows.values import Json

_MOST_COMMITS = 20_000
_MARK = "\x01"


@dataclass
class _Work:
    commits: int = 0
    added: int = 0
    removed: int = 0
    others: Counter[str] = field(default_factory=Counter)


@skill(name="git.activity", effect="pure", touches=["reads", "shell"])
async def activity(
    context: Context, repo: Path | None = None, since: str | None = None, path: Path | None = None, top: int = 15
) -> dict[str, Json]:
    """Tell who works on what in a git repository, and which files change most: those are where faults gather.

    Args:
        repo: The repository, or a folder in it; the workspace if not given.
        since: Only commits after this time, such as 2024-05-01 or "3 months ago".
        path: Only changes of this file or folder.
        top: How many people and files at most.

    Returns: {commits, people: [{name, commits, added, removed, places}], files: [{path, commits, added, removed,
        people}], months: [{month, commits}], first, last, text}. `places` are the folders that somebody changes most.
        Merges do not count; at most 20000 commits are read. `text` is all of it as Markdown.
    """
    repository = await open_repository(context, repo)
    people: dict[str, _Work] = {}
    files: dict[str, _Work] = {}
    months: Counter[str] = Counter()
    first = last = None
    if await repository.has_commits():
        words = ["log", f"--max-count={_MOST_COMMITS}", f"--format={_MARK}%aI%x00%aN", "--numstat", "--no-merges"]
        words += ["--no-ext-diff", "--no-textconv", "--no-renames", *([f"--since={since}"] if since else [])]
        done = await repository.git(*words, "HEAD", *(inside(repository, [path]) if path else ["--"]), head=40_000_000)
        if done.exit != 0:
            raise failed("log", done)
        name = ""
        for line in done.stdout.split("\n"):
            if line.startswith(_MARK):
                when, _, name = line[1:].partition("\0")
                people.setdefault(name, _Work()).commits += 1
                months[when[:7]] += 1
                first, last = when[:10], last or when[:10]
            elif line.count("\t") == 2:
                added, removed, file = line.split("\t")
                numbers = [int(each) if each.isdigit() else 0 for each in (added, removed)]
                place = file.rpartition("/")[0] or "."
                changed = files.setdefault(file, _Work())
                changed.commits += 1
                for work, other in ((people[name], place), (changed, name)):
                    work.added, work.removed = work.added + numbers[0], work.removed + numbers[1]
                    work.others[other] += 1
    result: dict[str, Json] = {
        "commits": sum(each.commits for each in people.values()),
        "people": [
            {"name": one_line(name, 100), **_numbers(work), "places": [each for each, _ in work.others.most_common(3)]}
            for name, work in sorted(people.items(), key=lambda item: -item[1].commits)[:top]
        ],
        "files": [
            {"path": name, **_numbers(work), "people": len(work.others)}
            for name, work in sorted(files.items(), key=lambda item: (-item[1].commits, item[0]))[:top]
        ],
        "months": [{"month": month, "commits": count} for month, count in sorted(months.items())[-24:]],
        "first": first,
        "last": last,
    }
    return {**result, "text": _text(result)}


def _numbers(work: _Work) -> dict[str, Json]:
    return {"commits": work.commits, "added": work.added, "removed": work.removed}


def _text(result: dict[str, Json]) -> str:
    if not result["commits"]:
        return "Nothing was committed in that time.\n"
    lines = [f"{result['commits']} commits from {result['first']} to {result['last']}.", ""]
    lines += ["| who | commits | lines added | removed | mostly in |", "|---|---:|---:|---:|---|"]
    for each in result["people"]:
        places = ", ".join(f"`{place}`" for place in each["places"])
        lines.append(f"| {each['name']} | {each['commits']} | {each['added']} | {each['removed']} | {places} |")
    lines += ["", "Files that change most:", ""]
    for each in result["files"]:
        people = f"{each['people']} {'person' if each['people'] == 1 else 'people'}"
        lines.append(f"- `{each['path']}`: {each['commits']} commits by {people}, {each['added']} lines added")
    return "\n".join(lines) + "\n"
