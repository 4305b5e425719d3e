"""`build_manager`: a real wheel, by what a project's Python has for it, and the version that was asked for."""

from __future__ import annotations

import hashlib
import venv
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller

BACKEND = """
import zipfile, pathlib
def build_wheel(directory, config_settings=None, metadata_directory=None):
    settings = config_settings or {}
    version = settings.get("version", "1.0")
    name = f"thing-{version}-py3-none-any.whl"
    info = f"thing-{version}.dist-info"
    with zipfile.ZipFile(pathlib.Path(directory, name), "w") as wheel:
        wheel.writestr("thing.py", repr(settings))
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: thing\\nVersion: {version}\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""

PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["ops"]\n'


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    """A workspace that is a project, with a Python of its own that has neither build nor pip."""
    call = Caller(tmp_path / "work")
    venv.create(call.root / ".venv", symlinks=True)
    (call.root / "pyproject.toml").write_text(PROJECT)
    (call.root / "ops").mkdir()
    (call.root / "ops" / "backend.py").write_text(BACKEND)
    yield call
    await call.invoker.aclose()


async def test_the_backend_alone_builds_and_is_told_what_is_wanted(call: Caller) -> None:
    built = await call("build_manager", version="2.1.0", optimize=True)
    assert (built["artifact"], built["name"], built["version"]) == (
        "dist/thing-2.1.0-py3-none-any.whl",
        "thing",
        "2.1.0",
    )
    assert built["tool"] == "backend"
    wheel = call.root / built["artifact"]
    assert (built["digest"], built["size"]) == (hashlib.sha256(wheel.read_bytes()).hexdigest(), wheel.stat().st_size)
    assert zipfile.ZipFile(wheel).read("thing.py") == b"{'version': '2.1.0', 'optimize': 'true'}"
    assert [path.name for path in (call.root / "dist").iterdir()] == [wheel.name]
    assert (await call("build_manager"))["version"] == "1.0"


@pytest.mark.parametrize("tool", ["build", "pip"])
async def test_the_standard_tool_is_used_where_there_is_one(call: Caller, tool: str) -> None:
    [libraries] = (call.root / ".venv" / "lib").glob("python*/site-packages")
    (libraries / f"{tool}.py").write_text("import sys\nprint(sys.argv)\nsys.exit(3)\n")
    failure = await call.failure("build_manager", version="2.1.0")
    assert (failure.kind, failure.message, failure.name) == ("business", f"{tool} ended with exit code 3", "BuildError")
    assert "version=2.1.0" in failure.hint
    assert not (call.root / "dist").exists()


async def test_another_version_than_was_asked_for_is_no_success(call: Caller) -> None:
    (call.root / "ops" / "backend.py").write_text(BACKEND.replace('settings.get("version", "1.0")', '"1.0"'))
    failure = await call.failure("build_manager", version="2.1.0")
    assert (failure.kind, failure.message) == ("validation", "thing was built as 1.0, not as 2.1.0")
    assert not (call.root / "dist").exists()


async def test_what_cannot_be_built_is_told(call: Caller) -> None:
    (call.root / "ops" / "backend.py").write_text("def build_wheel(*_): raise RuntimeError('no tea')\n")
    failure = await call.failure("build_manager")
    assert failure.hint == "RuntimeError: no tea"
    (call.root / "pyproject.toml").write_text(PROJECT.replace("ops", "../elsewhere"))
    assert (await call.failure("build_manager")).message == "backend-path leads out of the project"
    (call.root / "pyproject.toml").write_text("[")
    assert (await call.failure("build_manager")).message.startswith("pyproject.toml cannot be read: ")
    (call.root / "pyproject.toml").unlink()
    assert (await call.failure("build_manager")).kind == "dependency"


async def test_an_approval_shows_what_builds_what(call: Caller) -> None:
    shown = await call.preview("build_manager", version="2.1.0")
    assert (shown.title, shown.facts["backend"]) == ("Build 2.1.0", "backend")
    assert not (call.root / "dist").exists()
