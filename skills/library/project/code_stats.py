"""`code.stats`: how large a project is, in which languages, and what is left to do in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED, matcher
from skills.paths import is_closed, open_beneath, shown
from workflows.text import safe_text
from workflows.values import Json

_LANGUAGES = {
    "Python": "py pyi pyw", "JavaScript": "js mjs cjs jsx", "TypeScript": "ts tsx", "Go": "go", "Rust": "rs",
    "Java": "java", "Kotlin": "kt kts", "C": "c h", "C++": "cc cpp cxx hpp hh", "C#": "cs", "Ruby": "rb", "PHP": "php",
    "Swift": "swift", "Scala": "scala", "Shell": "sh bash zsh fish", "SQL": "sql", "HTML": "html htm",
    "CSS": "css scss sass less tcss",
    "Vue": "vue", "Svelte": "svelte", "Lua": "lua", "R": "r", "Dart": "dart", "Elixir": "ex exs", "Haskell": "hs",
    "Markdown": "md markdown", "reStructuredText": "rst", "YAML": "yaml yml", "JSON": "json", "TOML": "toml",
    "XML": "xml",
}  # fmt: skip
_BY_SUFFIX = {f".{suffix}": name for name, suffixes in _LANGUAGES.items() for suffix in suffixes.split()}
_PROSE = frozenset(("Markdown", "reStructuredText", "YAML", "JSON", "TOML", "XML"))
_TEST = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_|_test\.|\.(test|spec)\.")
_LEFT = re.compile(r"(?:#|//|/\*|<!--|--|;|%)\s*.{0,40}?\b(TODO|FIXME|XXX|HACK)\b[:( ]?(.{0,200})")
_MOST_FILES = 50_000
_MOST_BYTES = 5 * 1024 * 1024
_MOST_LEFT = 200


@dataclass
class _Sum:
    files: int = 0
    lines: int = 0
    size: int = 0


@skill(name="code.stats", effect="pure", touches=["reads"])
def stats(
    context: Context, path: Path | None = None, ignore: list[str] | None = None, top: int = 10
) -> dict[str, Json]:
    """Count the files and lines of a project by language, find the longest files, and what says that it is to be done.

    Args:
        path: The folder; the workspace if not given.
        ignore: Paths that do not count, as patterns below the folder, such as `vendor/**`.
        top: How many of the longest files are named.

    Returns: {files, lines, code, tests, languages: [{name, files, lines, bytes}], longest: [{path, lines}], left:
        [{path, line, kind, text}], left_count, folders: [{path, files, lines}], text}. `code` are the lines that are
        neither prose nor data, `tests` those of them in tests; `left` are comments with TODO, FIXME, XXX or HACK.
        `text` is all of it as Markdown. Folders of tools are left out, and so are files that are binary or over 5 MB.
    """
    folder = path or context.root
    if not folder.is_dir():
        raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
    ignored = [matcher(pattern) for pattern in ignore or ()]
    languages: dict[str, _Sum] = {}
    folders: dict[str, _Sum] = {}
    lengths: list[tuple[int, str]] = []
    left: list[Json] = []
    total, code, tests, left_count = _Sum(), 0, 0, 0
    for file in _files(context, folder):
        inside = file.relative_to(folder).as_posix()
        if any(matches(inside) for matches in ignored):
            continue
        content = _content(context, file)
        if content is None:
            continue
        if total.files >= _MOST_FILES:
            raise SkillError(f"there are more than {_MOST_FILES:,} files", "name a folder in it", "resource")
        name = _BY_SUFFIX.get(file.suffix.lower(), "other")
        lines = content.count("\n") + (not content.endswith("\n") and bool(content))
        for each in (total, languages.setdefault(name, _Sum()), folders.setdefault(_top(inside), _Sum())):
            each.files, each.lines, each.size = each.files + 1, each.lines + lines, each.size + len(content)
        if name not in _PROSE and name != "other":
            code, tests = code + lines, tests + (lines if _TEST.search(inside) else 0)
            lengths.append((lines, inside))
        for number, line in enumerate(content.split("\n"), 1):
            if ("O" in line or "X" in line or "A" in line) and (match := _LEFT.search(line[:500])):
                left_count += 1
                if len(left) < _MOST_LEFT:
                    text = safe_text(match[2].strip(" :-*/>"), limit=200)
                    left.append({"path": inside, "line": number, "kind": match[1], "text": text})
    result: dict[str, Json] = {
        "files": total.files,
        "lines": total.lines,
        "code": code,
        "tests": tests,
        "languages": [
            {"name": name, "files": each.files, "lines": each.lines, "bytes": each.size}
            for name, each in sorted(languages.items(), key=lambda item: -item[1].lines)
        ],
        "longest": [{"path": name, "lines": lines} for lines, name in sorted(lengths, reverse=True)[: max(top, 0)]],
        "left": left,
        "left_count": left_count,
        "folders": [
            {"path": name, "files": each.files, "lines": each.lines}
            for name, each in sorted(folders.items(), key=lambda item: -item[1].lines)[: max(top, 0)]
        ],
    }
    return {**result, "text": _text(result)}


def _files(context: Context, folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in SKIPPED and not is_closed(Path(place, name), context.closed)
        )
        yield from (Path(place, name) for name in sorted(names) if not os.path.islink(os.path.join(place, name)))


def _content(context: Context, file: Path) -> str | None:
    """The text of a file; None where it is none, or too long."""
    try:
        with open(open_beneath(context.root, file), "rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except (OSError, SkillError):
        return None
    return None if len(content) > _MOST_BYTES or b"\0" in content[:8192] else content.decode("utf-8", "replace")


def _top(inside: str) -> str:
    return inside.partition("/")[0] + "/" if "/" in inside else "./"


def _text(result: dict[str, Json]) -> str:
    code = f"{result['code']} of code, {result['tests']} of it tests"
    lines = [f"{result['files']} files with {result['lines']} lines, {code}."]
    lines += ["", "| language | files | lines |", "|---|---:|---:|"]
    lines += [f"| {each['name']} | {each['files']} | {each['lines']} |" for each in result["languages"][:12]]
    if result["longest"]:
        lines += ["", "The longest files:", ""]
        lines += [f"- `{each['path']}` ({each['lines']} lines)" for each in result["longest"]]
    lines += ["", f"{result['left_count']} comments say that something is left to do."]
    return "\n".join(lines) + "\n"
