"""`dependency_checker`: whether what a project needs is there, in a version that fits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from skills import Context, SkillError, skill
from skills.library.project._requirements import Needs, read_needs
from skills.library.run._python import environ_of, interpreter
from skills.process import run
from workflows.values import Json

_PROBE = """
import importlib.metadata as m, json, os, platform, sys
sys.path = [path for path in sys.path if path]
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps({"installed": found, "environment": {
    "os_name": os.name, "sys_platform": sys.platform, "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(), "platform_release": platform.release(),
    "platform_system": platform.system(), "platform_version": platform.version(),
    "python_version": "%d.%d" % sys.version_info[:2], "python_full_version": platform.python_version(),
    "implementation_name": sys.implementation.name}}))
"""
"""Run by the project's own Python: which of these are installed there, and what markers mean there."""


@dataclass(frozen=True)
class _Problem:
    name: str
    wanted: str
    installed: str | None
    problem: str

    def __str__(self) -> str:
        if self.installed is None:
            return f"{self.name} is not {'pinned to one version' if self.problem == 'unpinned' else 'installed'}"
        return f"{self.name} {self.installed} is not {self.wanted}"


@skill(name="dependency_checker", effect="idempotent", touches=["reads", "shell"])
async def check_dependencies(
    context: Context, project: Path | None = None, extras: list[str] | None = None, pinned: bool = False
) -> dict[str, Json]:
    """Check that all that a Python project needs is installed, in a version that its files allow. Asks no network.

    It reads pyproject.toml and requirements.txt, and looks into the project's own Python: its .venv, else python3 on
    the PATH. Anything missing or out of its range is a failure, and so is a Python that requires-python does not allow.

    Args:
        project: The project's folder; the workspace if not given.
        extras: Names of optional-dependencies that are needed too.
        pinned: Whether it is a failure that a requirement allows more than one version (`==` and `===` allow one).

    Returns: {files, python, checked, not_needed_here, unpinned, problems: [{name, wanted, installed, problem}]}.
        `problems` is empty where it succeeds. Requirements whose marker is false in this Python are not needed here.
    """
    folder = project or context.root
    needs = read_needs(context.root, folder, extras or ())
    python = interpreter(context, folder)
    there = await _look(context, folder, python, needs)
    environment = {**there["environment"], "extra": ""}
    needed = [each for each in needs.requirements if each.marker is None or each.marker.evaluate(environment)]
    unpinned = sorted({each.name for each in needed if not _one_version(each)})
    version = environment["python_full_version"]
    problems = [*_python_problem(needs, version), *_problems(needed, there["installed"])]
    if pinned:
        problems += [_Problem(name, "one version", None, "unpinned") for name in unpinned]
    result: dict[str, Json] = {
        "files": list(needs.files),
        "python": f"{python} ({version})",
        "checked": len(needed),
        "not_needed_here": len(needs.requirements) - len(needed),
        "unpinned": list(unpinned),
        "problems": [vars(each) for each in problems],
    }
    if problems:
        count = f"{len(problems)} requirement{'s do' if len(problems) > 1 else ' does'} not hold"
        told = "; ".join(str(each) for each in problems[:5]) + ("; …" if len(problems) > 5 else "")
        raise SkillError(f"{count}: {told}", f"looked into {python}", "dependency", **result)
    context.emit(f"{len(needed)} requirements of {', '.join(needs.files)} hold in Python {version}\n")
    return result


async def _look(context: Context, folder: Path, python: Path, needs: Needs) -> Any:
    names = sorted({canonicalize_name(each.name) for each in needs.requirements})
    # Isolated: a json.py in the project is none of what this imports.
    argv = [str(python), "-I", "-c", _PROBE, *names]
    within = await context.sandbox(folder)
    done = await run(argv, cwd=folder, environ=environ_of(context, python), timeout=60, within=within)
    try:
        if done.exit == 0:
            return json.loads(done.stdout)
    except ValueError:
        pass  # the next line says it
    raise SkillError(f"{python} does not run", "", "dependency", output=done.end_of_output())


def _one_version(requirement: Requirement) -> bool:
    if requirement.url:
        return True
    return any(each.operator in ("==", "===") and not each.version.endswith("*") for each in requirement.specifier)


def _python_problem(needs: Needs, version: str) -> Iterator[_Problem]:
    if not needs.python.contains(version, prereleases=True):
        yield _Problem("Python", str(needs.python), version, "out of range")


def _problems(needed: list[Requirement], installed: Mapping[str, str]) -> Iterator[_Problem]:
    for each in needed:
        version, wanted = installed.get(canonicalize_name(each.name)), str(each.specifier) or "any version"
        if version is None:
            yield _Problem(each.name, wanted, None, "missing")
        elif not each.specifier.contains(version, prereleases=True):
            yield _Problem(each.name, wanted, version, "out of range")
