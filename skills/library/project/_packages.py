"""Packages that a project uses, out of its lock files and what is installed for it. Nothing is run, nobody asked."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from skills import SkillError
from skills.library.file._content import read_bytes
from skills.paths import resolve, shown

_PIN = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:===?\s*([\w.!+-]+))?([^#;]*)")
_GO = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w./~-]+)\s+(v[\w.+-]+)", re.MULTILINE)
_MOST_INSTALLED = 5000


@dataclass(frozen=True)
class Package:
    """One package. `version` is empty where it is not fixed; `licence` where nothing here says it."""

    name: str
    version: str
    ecosystem: str
    file: str
    licence: str = ""
    pinned: bool = True


def packages_of(root: Path, folder: Path) -> Iterator[Package]:
    """What the files of a folder say. Raises SkillError for one that is broken."""
    licences = {**dict(_python_licences(root, folder)), **dict(_node_licences(root, folder))}
    for pattern, read in _READERS:
        for file in sorted(folder.glob(pattern)):
            if file.is_symlink() or not file.is_file():
                continue
            content = read_bytes(root, resolve(root, file)).decode("utf-8", "replace")
            try:
                found = list(read(content, shown(root, file)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SkillError(f"{shown(root, file)} cannot be read: {error}", "", "validation") from None
            for package in found:
                licence = package.licence or licences.get(f"{package.ecosystem}:{normal(package.name)}", "")
                yield replace(package, licence=licence)


def says_anything(folder: Path) -> bool:
    """Whether there is any file in a folder that says what is used."""
    return any(file.is_file() for pattern, _ in _READERS for file in folder.glob(pattern))


def normal(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(text: str, file: str) -> Iterator[Package]:
    for line in text.replace("\\\n", " ").splitlines():
        said = line.strip()
        if said and not said.startswith(("#", "-", ".", "/", "git+", "http")) and (match := _PIN.match(said)):
            yield Package(match[1], match[2] or "", "Python", file, pinned=bool(match[2]))


def _pyproject(text: str, file: str) -> Iterator[Package]:
    project = tomllib.loads(text).get("project", {})
    groups = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    for said in (each for group in groups for each in group):
        if match := _PIN.match(said):
            yield Package(match[1], match[2] or "", "Python", file, pinned=bool(match[2]))


def _python_lock(text: str, file: str) -> Iterator[Package]:
    for each in tomllib.loads(text).get("package", []):
        if each.get("source", {}).get("editable") is None and each.get("source", {}).get("virtual") is None:
            yield Package(each["name"], str(each.get("version", "")), "Python", file)


def _pipfile(text: str, file: str) -> Iterator[Package]:
    locked = json.loads(text)
    for name, said in (item for group in ("default", "develop") for item in locked.get(group, {}).items()):
        yield Package(name, str(said.get("version", "")).removeprefix("=="), "Python", file)


def _package_lock(text: str, file: str) -> Iterator[Package]:
    lock = json.loads(text)
    for path, said in lock.get("packages", {}).items():
        if path and not said.get("link"):
            yield Package(path.rpartition("node_modules/")[2], said.get("version", ""), "npm", file, _licence(said))
    if "packages" not in lock:
        yield from (Package(name, said["version"], "npm", file) for name, said in lock.get("dependencies", {}).items())


def _package_json(text: str, file: str) -> Iterator[Package]:
    said = json.loads(text)
    for name, wanted in (item for key in ("dependencies", "devDependencies") for item in said.get(key, {}).items()):
        fixed = bool(re.fullmatch(r"\d+\.\d+\.\d+[\w.+-]*", str(wanted)))
        yield Package(name, str(wanted) if fixed else "", "npm", file, pinned=fixed)


def _cargo(text: str, file: str) -> Iterator[Package]:
    for each in tomllib.loads(text).get("package", []):
        if each.get("source"):
            yield Package(each["name"], each["version"], "Rust", file)


def _go(text: str, file: str) -> Iterator[Package]:
    yield from (Package(name, version, "Go", file) for name, version in _GO.findall(text))


_READERS: tuple[tuple[str, Callable[[str, str], Iterator[Package]]], ...] = (
    ("requirements*.txt", _requirements),
    ("requirements*.lock", _requirements),
    ("pyproject.toml", _pyproject),
    ("poetry.lock", _python_lock),
    ("uv.lock", _python_lock),
    ("Pipfile.lock", _pipfile),
    ("package.json", _package_json),
    ("package-lock.json", _package_lock),
    ("Cargo.lock", _cargo),
    ("go.mod", _go),
)


def _python_licences(root: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Of what is installed in the project's own environment. One that a link leads to elsewhere is not looked into."""
    found = [each for name in (".venv", "venv") for each in folder.glob(f"{name}/lib/python3*/site-packages")]
    places = [each for each in found if each.resolve().is_relative_to(root)]
    for place in places:
        for file in list(place.glob("*.dist-info/METADATA"))[:_MOST_INSTALLED]:
            said = HeaderParser().parsestr(file.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0])
            named = [
                each.rpartition("::")[2].strip() for each in said.get_all("Classifier", []) if "License ::" in each
            ]
            short = " ".join((said.get("License") or "").split())
            licence = said.get("License-Expression") or ", ".join(named) or (short if len(short) < 60 else "")
            if said.get("Name") and licence:
                yield f"Python:{normal(said['Name'])}", str(licence)


def _node_licences(root: Path, folder: Path) -> Iterator[tuple[str, str]]:
    if not (folder / "node_modules").resolve().is_relative_to(root):
        return
    found = [*folder.glob("node_modules/*/package.json"), *folder.glob("node_modules/@*/*/package.json")]
    for file in found[:_MOST_INSTALLED]:
        try:
            said = json.loads(file.read_bytes())
            yield f"npm:{normal(said['name'])}", _licence(said)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half installed


def _licence(said: dict[str, Any]) -> str:
    licence = said.get("license") or said.get("licenses") or ""
    if isinstance(licence, list):
        return ", ".join(str(each.get("type", each) if isinstance(each, dict) else each) for each in licence)
    return str(licence.get("type", "")) if isinstance(licence, dict) else str(licence)
