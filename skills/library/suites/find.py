"""`suites.find`: which tests a project has, and how they are run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from skills import Context, SkillError, skill
from skills.library.file._glob import SKIPPED
from skills.paths import shown
from workflows.values import Json

_PLACES = ("tests", "test")
_PYTHON = ("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini")
_PROGRAMS = (
    ("Cargo.toml", "cargo", ["cargo", "test"]),
    ("go.mod", "go", ["go", "test", "./..."]),
)


@skill(name="suites.find", effect="pure", touches=["reads"])
def find(context: Context, folders: list[Path] | None = None, suite: str = "all") -> dict[str, Json]:
    """Find the suites of tests of a project: Python's by their folders, and those of npm, cargo and go.

    Args:
        folders: Folders with a project each; the workspace if not given.
        suite: `all`; or names of folders below `tests`, such as `unit`; or paths; several with commas between them.

    Returns: {suites: [{name, folder, suite, command, python}]}, each as test_runner takes it: `command` is null for
        Python's. `all` parts a `tests` folder into its folders where each test lies in one of them.
    """
    wanted = [word.strip() for word in suite.split(",") if word.strip()] or ["all"]
    found: list[dict[str, Json]] = []
    for folder in folders or [context.root]:
        if not folder.is_dir():
            raise SkillError(f"{shown(context.root, folder)} is not a folder", "", "dependency")
        for word in wanted:
            found += _all_of(context, folder) if word == "all" else _named(context, folder, word)
    if not found:
        places = ", ".join(shown(context.root, folder) for folder in folders or [context.root])
        hint = "Python's tests lie in tests/ or are called test_….py; package.json has them in scripts.test"
        raise SkillError(f"there are no {'' if suite == 'all' else suite + ' '}tests in {places}", hint, "dependency")
    return {"suites": found}


def _all_of(context: Context, folder: Path) -> Iterator[dict[str, Json]]:
    if _has_python(folder):
        parts = _parts(folder)
        for part in parts or ["all"]:
            yield _entry(context, folder, part, None)
    if command := _of_package(folder):
        yield _entry(context, folder, "npm", command)
    for file, name, argv in _PROGRAMS:
        if (folder / file).is_file():
            yield _entry(context, folder, name, list(argv))


def _named(context: Context, folder: Path, word: str) -> Iterator[dict[str, Json]]:
    for place in (word, *(f"{each}/{word}" for each in _PLACES)):
        if (folder / place.partition("::")[0]).exists():
            yield _entry(context, folder, place, None)
            return
    command = _of_package(folder, f"test:{word}")
    if command:
        yield _entry(context, folder, f"npm {word}", command)


def _entry(context: Context, folder: Path, suite: str, command: list[str] | None) -> dict[str, Json]:
    where = shown(context.root, folder)
    return {
        "name": suite if where == "." else f"{where}: {suite}",
        "folder": where,
        "suite": suite if command is None else "all",
        "command": list(command) if command else None,
        "python": command is None,
    }


def _has_python(folder: Path) -> bool:
    if any(folder.glob("test_*.py")) or any((folder / place).is_dir() for place in _PLACES if _tests(folder / place)):
        return True
    return any((folder / name).is_file() for name in _PYTHON) and _tests(folder)


def _parts(folder: Path) -> list[str]:
    """Folders of `tests` that hold all of its tests together; none where tests lie beside them, too."""
    for place in (folder / name for name in _PLACES):
        if place.is_dir() and _tests(place):
            if any(place.glob("test_*.py")) or any(place.glob("*_test.py")) or any(folder.glob("test_*.py")):
                return []
            parts = [each for each in sorted(place.iterdir()) if each.is_dir() and _tests(each)]
            return [each.relative_to(folder).as_posix() for each in parts] if len(parts) > 1 else []
    return []


def _tests(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    found = (each for pattern in ("test_*.py", "*_test.py") for each in folder.rglob(pattern))
    return any(not SKIPPED.intersection(each.relative_to(folder).parts) for each in found)


def _of_package(folder: Path, script: str = "test") -> list[str] | None:
    """How npm runs a script of package.json; None where it has none."""
    try:
        scripts = json.loads((folder / "package.json").read_bytes()).get("scripts", {})
        said = scripts.get(script, "")
    except (OSError, ValueError, AttributeError):
        return None
    return ["npm", "run", "--silent", script] if said and "no test specified" not in said else None
