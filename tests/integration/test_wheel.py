"""The wheel, installed into an environment that holds nothing else of ours, and run where its names are taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import command_line
from tests.support.command_line import CommandLine

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"

SKILL = '''
from skills import skill


@skill(effect="pure")
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()
'''

WORKFLOW = """\
workflow:
  name: Shout
  stages:
    - name: s
      steps:
        - {id: shout, type: skill, skill: shout, parameters: {text: hello}}
  outputs: {said: "${{ steps.shout.output }}"}
"""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel and what it depends on, in the locked versions; its `understudy`."""
    folder = tmp_path_factory.mktemp("bare")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    assert run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv").returncode == 0
    install = [UV, "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python"]
    words = [wheel, "--constraint", ROOT / "requirements.lock"]
    # What the set-up has fetched is in uv's cache; only where it is not is the network needed.
    installed = run(*install, "--offline", *words)
    if installed.returncode != 0:
        installed = run(*install, *words)
    assert installed.returncode == 0, installed.stderr
    return folder / "venv" / "bin" / "understudy"


@pytest.fixture
def line(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A folder whose own packages have our names, and would end any program that imports them."""
    work, home = tmp_path / "work", tmp_path / "home"
    home.mkdir()
    for name in ("app", "agents", "skills", "workflows", "composer", "yaml", "click"):
        (work / name).mkdir(parents=True)
        (work / name / "__init__.py").write_text("raise SystemExit('the wrong package was imported')\n")
    monkeypatch.setattr(command_line, "PROGRAM", bare)
    return CommandLine(work, home)


def test_it_runs_in_a_folder_with_packages_of_the_same_names(line: CommandLine) -> None:
    assert line.run("--version").stdout.startswith("understudy ")
    assert line.run("validate", "release-notes").code == 0
    demo = line.run("demo")
    assert demo.code == 0, demo.stderr
    assert "5 links checked, 0 broken" in demo.stdout


def test_a_workspaces_skill_runs_there_in_its_worker(line: CommandLine) -> None:
    line.write(".understudy/skills/shout.py", SKILL)
    line.write(".understudy/workflows/shout.yaml", WORKFLOW)
    assert line.run("trust", "--yes").code == 0
    ended = line.run("run", "shout")
    assert (ended.code, ended.stdout) == (0, "HELLO\n"), ended.stderr


def test_the_wheel_holds_what_is_run_and_nothing_else(bare: Path) -> None:
    (site,) = (bare.parent.parent / "lib").glob("python*/site-packages")
    record = next(site.glob("understudy-*.dist-info")) / "RECORD"
    files = [row.split(",")[0] for row in record.read_text().splitlines()]
    ours = {"app", "agents", "skills", "workflows", "composer"}
    tops = {name.split("/")[0] for name in files if "dist-info" not in name and not name.startswith("..")}
    assert tops == ours
    for needed in (
        "workflows/library/release-notes.yaml",
        "agents/library/writer.md",
        "app/demo/sample/understudy/check_links.py",
    ):
        assert needed in files
    assert not [name for name in files if "__pycache__" in name or "/tests/" in name or name.endswith(".pth")]
