"""The Python of a repository: its own environment, or the one on the PATH. Never ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from skills import Context, SkillError
from skills.process import run

_ENVIRONMENTS = (".venv", "venv")

_PROBE = "import importlib.util as u, sys; print(*[name for name in sys.argv[1:] if u.find_spec(name)])"


def interpreter(context: Context, folder: Path) -> Path:
    """`.venv` or `venv` in the folder or above it, up to the workspace; else `python3` on the PATH.

    The environment that Understudy itself is installed in does not count, even where it is on the PATH: what it has
    installed says nothing about the repository. Raises SkillError (`dependency`) where there is no Python.
    """
    root = context.root
    for place in (folder, *folder.parents):
        for name in _ENVIRONMENTS:
            found = place / name / "bin" / "python"
            if os.access(found, os.X_OK):
                return found
        if place == root:
            break
    ours = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    for entry in context.environ.get("PATH", os.defpath).split(os.pathsep):
        if not os.path.isabs(entry) or (ours and Path(entry).resolve() == ours.resolve()):
            continue
        for name in ("python3", "python"):
            found = Path(entry) / name
            if found.is_file() and os.access(found, os.X_OK):
                return found
    raise SkillError("there is no Python to run the tests with", "make a .venv in the repository", "dependency")


def environ_of(context: Context, python: Path) -> dict[str, str]:
    """The environment that programs of this Python expect: its folder first on the PATH."""
    path = context.environ.get("PATH", os.defpath)
    environ = {**context.environ, "PATH": f"{python.parent}{os.pathsep}{path}"}
    if (python.parent.parent / "pyvenv.cfg").is_file():
        environ["VIRTUAL_ENV"] = str(python.parent.parent)
    return environ


async def installed(context: Context, python: Path, folder: Path, *modules: str) -> set[str]:
    """Which of these modules this Python can import from there. Nothing is imported."""
    argv = [str(python), "-c", _PROBE, *modules]
    within = await context.sandbox(folder)
    done = await run(argv, cwd=folder, environ=environ_of(context, python), timeout=60, within=within)
    if done.exit != 0:
        raise SkillError(f"{python} does not run", "", "dependency", output=done.end_of_output())
    return set(done.stdout.split())
