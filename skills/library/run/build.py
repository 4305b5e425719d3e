"""`build_manager`: build a project's wheel."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import tomllib
import zipfile
from pathlib import Path

from packaging.version import InvalidVersion, Version

from skills import Context, Preview, SkillError, skill
from skills.library.run._python import environ_of, installed, interpreter
from skills.paths import check_writable, shown
from skills.process import Completed, run
from workflows.values import Json

_HOOK = """
import importlib, json, sys
paths, name, out, settings = sys.argv[1:]
sys.path[:0] = json.loads(paths)
module, _, inner = name.partition(":")
backend = importlib.import_module(module)
for part in inner.split(".") if inner else ():
    backend = getattr(backend, part)
print(backend.build_wheel(out, json.loads(settings)))
"""
"""The one call that every front end makes in the end (PEP 517), for Pythons that have neither build nor pip."""


class BuildError(SkillError):
    """A project could not be built, or not as the version that was asked for."""


@skill(name="build_manager", effect="idempotent", touches=["shell", "reads", "writes"])
async def build(
    context: Context,
    version: str | None = None,
    optimize: bool = False,
    project: Path | None = None,
    timeout: float = 600,
) -> dict[str, Json]:
    """Build a project's wheel into its `dist`, in the project's own Python: its .venv, else python3 on the PATH.

    With `build` where that is installed, else with pip, else by the build backend alone; without build isolation, so
    nothing is fetched: the backend has to be there.

    Args:
        version: The version it must have. The backend is told it as the config setting `version`; one that takes its
            version from elsewhere must come to the same.
        optimize: Tell the backend `optimize=true`, whatever it makes of that.
        project: The folder with pyproject.toml; the workspace if not given.
        timeout: Seconds after which the build is ended.

    Returns: {artifact, digest, name, version, size, tool, seconds}: the wheel's path in the workspace, its SHA-256, its
        size in bytes.
    """
    folder = project or context.root
    settings = {**({"version": version} if version else {}), **({"optimize": "true"} if optimize else {})}
    python = interpreter(context, folder)
    dist = folder / "dist"
    check_writable(context.root, dist / "x")
    with tempfile.TemporaryDirectory(prefix="understudy-") as out:
        tool, argv = await _command(context, python, folder, Path(out), settings)
        within, environ = await context.sandbox(folder, writes=(Path(out),)), environ_of(context, python)
        done = await run(argv, cwd=folder, environ=environ, timeout=timeout, emit=context.emit, within=within)
        if done.exit != 0:
            last = done.end_of_output().strip().rpartition("\n")[2]
            raise BuildError(f"{tool} ended with exit code {done.exit}", last, "business", output=done.end_of_output())
        wheel = _only(out, tool, done)
        name, made = _metadata(wheel)
        if version and not _same(made, version):
            hint = "change its version, or take it from the config setting `version`"
            raise BuildError(f"{name} was built as {made}, not as {version}", hint, "validation")
        content = wheel.read_bytes()
        artifact = _put(dist, wheel.name, content)
    return {
        "artifact": shown(context.root, artifact),
        "digest": hashlib.sha256(content).hexdigest(),
        "name": name,
        "version": made,
        "size": len(content),
        "tool": tool,
        "seconds": round(done.seconds, 3),
    }


@build.preview
def preview(
    context: Context,
    version: str | None = None,
    optimize: bool = False,
    project: Path | None = None,
    timeout: float = 600,
) -> Preview:
    """What is built, and by which Python."""
    folder = project or context.root
    backend, _ = _backend(folder)
    facts = {"cwd": str(folder), "python": str(interpreter(context, folder)), "backend": backend}
    return Preview(f"Build {version or 'a wheel'}", "", facts)


async def _command(
    context: Context, python: Path, folder: Path, out: Path, settings: dict[str, str]
) -> tuple[str, list[str]]:
    backend, paths = _backend(folder)
    found = await installed(context, python, folder, "build", "pip")
    if "build" in found and not (folder / "build").exists():  # else it may be the project's own folder
        given = [f"--config-setting={name}={value}" for name, value in settings.items()]
        return "build", [str(python), "-m", "build", "--wheel", "--no-isolation", f"--outdir={out}", *given, "."]
    if "pip" in found:
        quiet = ["--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation"]
        given = [f"--config-settings={name}={value}" for name, value in settings.items()]
        return "pip", [str(python), "-m", "pip", "wheel", *quiet, f"--wheel-dir={out}", *given, "."]
    return backend, [str(python), "-c", _HOOK, json.dumps(paths), backend, str(out), json.dumps(settings)]


def _backend(folder: Path) -> tuple[str, list[str]]:
    """The build backend that pyproject.toml names, and the folders that it is looked for in first."""
    try:
        system = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("build-system", {})
    except FileNotFoundError:
        raise BuildError(f"there is no pyproject.toml in {folder.name}", "name the project", "dependency") from None
    except (OSError, ValueError) as error:
        raise BuildError(f"pyproject.toml cannot be read: {error}", "", "validation") from None
    paths = [str((folder / path).resolve()) for path in system.get("backend-path", ())]
    if any(not Path(path).is_relative_to(folder.resolve()) for path in paths):
        raise BuildError("backend-path leads out of the project", "", "validation")
    return str(system.get("build-backend", "setuptools.build_meta:__legacy__")), paths


def _only(folder: str, tool: str, done: Completed) -> Path:
    wheels = sorted(Path(folder).glob("*.whl"))
    if len(wheels) != 1:
        raise BuildError(f"{tool} made {len(wheels)} wheels", "", "business", output=done.end_of_output())
    return wheels[0]


def _metadata(wheel: Path) -> tuple[str, str]:
    """The name and the version that a wheel says it has."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        text = archive.read(names[0]).decode("utf-8", "replace") if names else ""
    found = dict(re.findall(r"^(Name|Version): (.+)$", text.partition("\n\n")[0], re.MULTILINE))
    if found.keys() != {"Name", "Version"}:
        raise BuildError(f"{wheel.name} does not say what it is", "", "business")
    return found["Name"].strip(), found["Version"].strip()


def _same(made: str, asked: str) -> bool:
    """Whether they are one version: 1.0.0rc2 is how a wheel says 1.0.0-rc.2."""
    try:
        return Version(made) == Version(asked)
    except InvalidVersion:
        return made == asked


def _put(folder: Path, name: str, content: bytes) -> Path:
    """The wheel in its place, where it is whole or not there."""
    folder.mkdir(exist_ok=True)
    new = folder / f".{name}.new"
    new.write_bytes(content)
    os.replace(new, folder / name)
    return folder / name
