"""The pictures of the documentation: the command that makes them works, and none of them tells of a machine."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"


def flaws(svg: str) -> list[str]:
    """Paths of a machine, and addresses of other hosts."""
    found = re.findall(r"/(?:root|home|tmp|work|usr|opt|Users)/[^<&]*|https?://[^<\"&]*", svg)
    return [text for text in found if not text.startswith(("http://www.w3.org/", "http://localhost"))]


def test_one_is_made_and_tells_of_no_machine(tmp_path: Path) -> None:
    # In a process of its own: it has a home folder and a time zone of its own.
    call = "import runpy, sys, pathlib\nrunpy.run_path(sys.argv[1])['make'](pathlib.Path(sys.argv[2]), ('workflows',))"
    words = [sys.executable, "-c", call, str(PICTURES / "make.py"), str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.glob("*.svg")
    svg = made.read_text(encoding="utf-8")
    assert "tea-shop" in svg
    assert flaws(svg) == []


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.stem)
def test_those_that_are_kept_are_small_and_tell_of_no_machine(path: Path) -> None:
    assert path.stat().st_size < 130_000
    assert flaws(path.read_text(encoding="utf-8")) == []


def test_every_picture_is_kept_and_shown() -> None:
    shots = runpy.run_path(str(PICTURES / "make.py"))["SHOTS"]
    page = (ROOT / "docs" / "screens.md").read_text(encoding="utf-8")
    assert {path.stem for path in PICTURES.glob("*.svg")} == set(shots)
    assert set(re.findall(r"pictures/(\w+)\.svg", page)) == set(shots)
