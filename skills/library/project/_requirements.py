"""What a project says that it needs: from pyproject.toml and requirements.txt."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from skills import SkillError
from skills.library.file._content import read_bytes
from skills.paths import resolve, shown

_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[= ]\S+")
_INCLUDE = re.compile(r"(?:-r\s*|--requirement[=\s]\s*)(\S+)")


@dataclass(frozen=True)
class Needs:
    """What a project needs: a Python, and other projects. `files` are where that stands."""

    python: SpecifierSet
    requirements: tuple[Requirement, ...]
    files: tuple[str, ...]


def read_needs(root: Path, folder: Path, extras: Sequence[str]) -> Needs:
    """What its files say. Raises SkillError: `dependency` where there is none, `validation` for a broken one."""
    python, found, files = SpecifierSet(), list[Requirement](), list[str]()
    project, plain = (resolve(root, folder / name) for name in ("pyproject.toml", "requirements.txt"))
    if project.is_file():
        files.append(shown(root, project))
        table = _table(root, project)
        python = _python(table, files[0])
        found += [_requirement(text, files[0]) for text in _listed(table, extras, files[0])]
    elif extras:
        raise SkillError("extras are said in a pyproject.toml, and there is none", "", "dependency")
    if plain.is_file():
        found += _lines(root, plain, files)
    if not files:
        hint = "a pyproject.toml or a requirements.txt; `project` names another folder"
        raise SkillError(f"nothing in {shown(root, folder)} says what the project needs", hint, "dependency")
    return Needs(python, tuple(found), tuple(files))


def _table(root: Path, path: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(read_bytes(root, path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SkillError(f"{shown(root, path)} is no TOML: {error}", "", "validation") from None
    table = read.get("project", {})
    return table if isinstance(table, dict) else {}


def _python(table: dict[str, Any], file: str) -> SpecifierSet:
    said = table.get("requires-python", "")
    try:
        return SpecifierSet(said)
    except (InvalidSpecifier, TypeError, AttributeError):
        raise SkillError(f"{file}: requires-python is {said!r}", "such as '>=3.11'", "validation") from None


def _listed(table: dict[str, Any], extras: Sequence[str], file: str) -> Iterator[str]:
    optional = table.get("optional-dependencies", {})
    groups = [table.get("dependencies", [])]
    for name in extras:
        if name not in optional:
            hint = f"there are: {', '.join(optional)}" if optional else "there are none"
            raise SkillError(f"{file} has no extra '{name}'", hint, "validation")
        groups.append(optional[name])
    for group in groups:
        if not isinstance(group, list) or not all(isinstance(text, str) for text in group):
            raise SkillError(f"{file}: its dependencies are not a list of texts", "", "validation")
        yield from group


def _lines(root: Path, path: Path, files: list[str]) -> Iterator[Requirement]:
    """The requirements of a file and of those it includes. Options, and projects by their path, are passed over."""
    name = shown(root, path)
    if name in files:
        return
    files.append(name)
    try:
        text = read_bytes(root, path).decode("utf-8").replace("\\\n", " ")
    except UnicodeDecodeError:
        raise SkillError(f"{name} is not UTF-8", "", "validation") from None
    for line in text.splitlines():
        said = _HASH.sub("", _COMMENT.sub("", line)).strip()
        if include := _INCLUDE.match(said):
            other = resolve(root, include[1], cwd=path.parent)
            if not other.is_file():
                raise SkillError(f"{name} includes {include[1]}, which is not there", "", "dependency")
            yield from _lines(root, other, files)
        elif said and not said.startswith(("-", ".", "/")):
            yield _requirement(said, name)


def _requirement(text: str, file: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise SkillError(f"{file}: '{text[:80]}' is no requirement: {reason}", "", "validation") from None
