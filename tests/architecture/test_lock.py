"""requirements.lock pins everything with hashes, names no host, and is in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = {
    re.sub(r"[-_.]+", "-", name).lower(): Version(version)
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE)
}


def test_it_names_no_host() -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host", LOCK)


def test_every_requirement_is_pinned_to_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(text for extra in project["optional-dependencies"].values() for text in extra),
    ]
    for text in wanted:
        requirement = Requirement(text)
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert name in PINS, f"{text} is not in requirements.lock: ./dev lock"
        assert requirement.specifier.contains(PINS[name], prereleases=True), f"{text} is not {PINS[name]}: ./dev lock"


def test_every_pin_has_its_hashes() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_the_tool_that_installs_is_pinned_too() -> None:
    assert {"uv", "hatchling", "editables"} <= PINS.keys()
