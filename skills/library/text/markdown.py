"""`markdown.check`: the outline of Markdown files, and links in them that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from skills import Context, SkillError, skill
from skills.library.file._content import decode, read_bytes
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import PathRefused, is_closed, resolve, shown
from workflows.values import Json

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK = re.compile(
    r"!?\[[^\[\]]*\]\([ \t]{0,9}<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:[ \t]{1,9}[\"'(][^)]{0,300})?[ \t]{0,9}\)"
)
_TICKS = re.compile(r"`+")
_TASK = re.compile(r"\s*[-*+] \[([ xX])\] ")
_MOST_FILES = 500
_LONGEST_LINE = 10_000


@skill(name="markdown.check", effect="pure", touches=["reads"])
def check(context: Context, path: Path | None = None, glob: str = "**/*.md") -> dict[str, Json]:
    """Read Markdown files of the workspace: their headings, tasks and links, and which links lead to nothing here.

    Links to the web are listed, not tried. A link to a heading is checked as code forges make its name.

    Args:
        path: A file, or a folder; the workspace if not given.
        glob: Which files of a folder.

    Returns: {files: [{path, title, headings: [{line, level, text}], links, tasks, done}], broken: [{path, line, link,
        why}], web: [url], truncated}.
    """
    files = markdown_files(context, path, glob)
    texts = {file: _lines(context, file) for file in files[:_MOST_FILES]}
    anchors = {file: _anchors(lines) for file, lines in texts.items()}
    described: list[Json] = []
    broken: list[Json] = []
    web: set[str] = set()
    for file, lines in texts.items():
        links = list(_links(lines))
        headings = [{"line": number, "level": level, "text": text} for number, level, text in _headings(lines)]
        tasks = [task[1] for _, line in lines if (task := _TASK.match(line))]
        name = shown(context.root, file)
        described.append(
            {
                "path": name,
                "title": headings[0]["text"] if headings else None,
                "headings": headings,
                "links": len(links),
                "tasks": len(tasks),
                "done": sum(mark != " " for mark in tasks),
            }
        )
        for number, link in links:
            if urlsplit(link).scheme in ("http", "https"):
                web.add(link)
            elif why := _wrong(context, file, link, anchors):
                broken.append({"path": name, "line": number, "link": link, "why": why})
    return {"files": described, "broken": broken, "web": sorted(web), "truncated": len(files) > _MOST_FILES}


def markdown_files(context: Context, path: Path | None, glob: str) -> list[Path]:
    """A file, or those of a folder, in order. Raises SkillError where there is neither."""
    place = path or context.root
    if not place.exists():
        raise SkillError(f"{shown(context.root, place)} is not there", "", "dependency")
    return [place] if place.is_file() else sorted(_files(place, glob, context.closed))


def _files(folder: Path, glob: str, closed: Sequence[Path]) -> Iterator[Path]:
    matches = matcher(glob)
    for file in folder.rglob("*"):
        inside = file.relative_to(folder)
        if closed and is_closed(file, closed):
            continue
        if not SKIPPED.intersection(inside.parts) and matches(inside.as_posix()) and file.is_file():
            yield file


def _lines(context: Context, file: Path) -> list[tuple[int, str]]:
    """Numbered lines without those of code blocks."""
    text = decode(shown(context.root, file), read_bytes(context.root, file), "utf-8")
    kept: list[tuple[int, str]] = []
    fence = ""
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole[:_LONGEST_LINE]
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not line.strip(" `~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            kept.append((number, line))
    return kept


def _headings(lines: list[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    for number, line in lines:
        if match := _HEADING.match(line):
            text = line[match.end() :].rstrip()
            closed = text.rstrip("#")
            yield number, len(match[1]), closed.rstrip() if closed != closed.rstrip() else text


def _links(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        for match in _LINK.finditer(_without_code(line)):
            if match[1]:
                yield number, match[1]


def _without_code(line: str) -> str:
    """The line without its code: what stands between two runs of as many backticks (CommonMark, 6.1)."""
    runs = list(_TICKS.finditer(line))
    ends: dict[int, list[int]] = {}
    for place in range(len(runs) - 1, -1, -1):
        ends.setdefault(len(runs[place][0]), []).append(place)
    kept, at, place = list[str](), 0, 0
    while place < len(runs):
        same = ends[len(runs[place][0])]
        while same and same[-1] <= place:
            same.pop()
        if same:
            kept.append(line[at : runs[place].start()])
            place = same.pop()
            at = runs[place].end()
        place += 1
    return "".join([*kept, line[at:]])


def _anchors(lines: list[tuple[int, str]]) -> set[str]:
    """Names of headings: lower case, no punctuation, blanks as hyphens; one that comes again is numbered."""
    seen: dict[str, int] = {}
    names: set[str] = set()
    for _, _, text in _headings(lines):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        names.add(name if not count else f"{name}-{count}")
    for _, line in lines:
        names.update(re.findall(r"<a\s+(?:id|name)=[\"']([^\"']+)", line))
    return names


def _wrong(context: Context, file: Path, link: str, anchors: dict[Path, set[str]]) -> str:
    """Why a link within the workspace leads nowhere; empty where it leads somewhere, or elsewhere."""
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return ""
    target = file
    if parts.path:
        given = unquote(parts.path)
        try:
            target = resolve(context.root, given.lstrip("/") if given.startswith("/") else file.parent / given)
        except PathRefused:
            return "it leads out of the workspace"
        if not target.exists():
            return "there is no such file"
    known = anchors.get(target)
    fragment = unquote(parts.fragment).lower()
    if fragment and known is not None and fragment not in {name.lower() for name in known}:
        return "there is no such heading"
    return ""
