"""Rules that hold for every source file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for package in ("app", "agents", "skills", "workflows", "composer") for path in (ROOT / package).rglob("*.py")
)
LONGEST = 380
"""Lines of a file. One idea a file; most are below 150."""


def test_there_are_sources() -> None:
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short_and_its_name_says_what_is_in_it(path: Path) -> None:
    assert path.read_text().count("\n") <= LONGEST
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}


def test_no_markup_is_made_from_data() -> None:
    found = [path for path in SOURCES if re.search(r"markup\s*=\s*True", path.read_text())]
    assert found == []


def test_nothing_runs_through_a_shell() -> None:
    found = [
        path
        for path in SOURCES
        if re.search(r"shell\s*=\s*True|create_subprocess_shell|os\.system\(", path.read_text())
    ]
    assert found == []


def test_the_lock_names_no_host_and_every_package_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    packages = re.split(r"\n(?=\S)", text)
    assert len(packages) > 50
    assert [package.split()[0] for package in packages if "==" in package and "--hash=sha256:" not in package] == []


def test_no_file_that_git_keeps_names_a_package_host() -> None:
    hosts = subprocess.run(
        ["git", "grep", "-nIE", r"(index-url|extra-index-url|registry)\s*[=:]\s*.?https?:"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert [line for line in hosts.stdout.splitlines() if "tests/architecture/test_sources.py" not in line] == []
