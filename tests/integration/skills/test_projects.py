"""Skills that look a project over: real files, a real Python environment, real links."""

from __future__ import annotations

import os
import venv
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    caller = Caller(tmp_path / "ws")
    yield caller
    await caller.invoker.aclose()


def install(root: Path, **versions: str) -> None:
    """An environment of the project's own, that has these."""
    venv.create(root / ".venv", symlinks=True)
    [packages] = (root / ".venv").glob("lib/python*/site-packages")
    for name, version in versions.items():
        folder = packages / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


PROJECT = """
[project]
name = "shop"
requires-python = ">=3.8"
dependencies = ["lamp_oil>=1,<2", "wick==3.1", "other; python_version < '3'"]
[project.optional-dependencies]
dark = ["lantern"]
"""


async def test_what_a_project_needs_is_looked_up_in_its_own_python(call: Caller) -> None:
    install(call.root, lamp_oil="1.5", wick="3.1", match="2.0rc1")
    (call.root / "pyproject.toml").write_text(PROJECT)
    (call.root / "requirements.txt").write_text("-r more.txt\n--no-index\n./local\nlamp-oil!=1.4  # not this one\n")
    (call.root / "more.txt").write_text("match>=2.0rc0 \\\n  --hash=sha256:00\n-r requirements.txt\n")
    result = await call("dependency_checker")
    assert (result["checked"], result["not_needed_here"], result["problems"]) == (4, 1, [])
    assert result["files"] == ["pyproject.toml", "requirements.txt", "more.txt"]
    assert result["unpinned"] == ["lamp-oil", "lamp_oil", "match"]
    assert str(call.root / ".venv") in result["python"]

    (call.root / "requirements.txt").write_text("match<2\n")
    failure = await call.failure("dependency_checker", extras=["dark"])
    assert failure.kind == "dependency"
    told = "2 requirements do not hold: lantern is not installed; match 2.0rc1 is not <2"
    assert failure.message == told
    assert (await call.failure("dependency_checker", pinned=True)).message.endswith(
        "lamp_oil is not pinned to one version; match is not pinned to one version"
    )


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        ({}, "dependency", "nothing in . says what the project needs"),
        ({"pyproject.toml": "["}, "validation", "pyproject.toml is no TOML"),
        ({"pyproject.toml": "[project]\ndependencies = 'x'"}, "validation", "pyproject.toml: its dependencies are not"),
        ({"pyproject.toml": "[project]\nrequires-python = 'new'"}, "validation", "pyproject.toml: requires-python is"),
        ({"requirements.txt": "lamp oil"}, "validation", "requirements.txt: 'lamp oil' is no requirement"),
        ({"requirements.txt": "-r ../x.txt"}, "denied", "../x.txt leads out of the workspace"),
        ({"requirements.txt": "-r x.txt"}, "dependency", "requirements.txt includes x.txt, which is not there"),
    ],
)
async def test_files_that_say_nothing_of_use(call: Caller, files: dict[str, str], kind: str, message: str) -> None:
    for name, text in files.items():
        (call.root / name).write_text(text)
    failure = await call.failure("dependency_checker")
    assert (failure.kind, failure.message.startswith(message)) == (kind, True), failure


async def test_a_python_that_the_project_does_not_allow(call: Caller) -> None:
    install(call.root)
    (call.root / "pyproject.toml").write_text('[project]\nrequires-python = "<3"\n')
    assert "Python 3." in (await call.failure("dependency_checker")).message


DANGEROUS = """
import hashlib as h, pickle, subprocess, yaml
from os import system as run

KEY = "-----BEGIN RSA PRIVATE KEY-----"  # nosec: for tests
API_KEY = "0123456789abcdef"
PASSWORD = "${FROM_ELSEWHERE}"

def act(text):
    run(text)
    subprocess.run(text, shell=True)
    subprocess.run(text, shell=False)
    pickle.loads(text)
    yaml.load(text, Loader=yaml.SafeLoader)
    yaml.load(text)
    h.md5(text)
    h.md5(text, usedforsecurity=False)
    text.eval("1")
    return eval(text)
"""


async def test_what_is_dangerous_is_found_and_told_without_the_secret(call: Caller) -> None:
    (call.root / "act.py").write_text(DANGEROUS)
    (call.root / "act.py").chmod(0o644)
    (call.root / "broken.py").write_text("def (")
    (call.root / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (call.root / "key.pem").chmod(0o644)
    (call.root / "open.txt").write_text("token: ghp_" + "a" * 36)
    (call.root / "open.txt").chmod(0o666)
    (call.root / ".git").mkdir()
    (call.root / ".git" / "x.py").write_text("eval(1)")
    os.symlink("act.py", call.root / "linked.py")
    result = await call("security_scanner", fail_on="never")
    found = [(each["severity"], each["rule"], each["file"], each["line"]) for each in result["findings"]]
    assert found == [
        ("high", "shell", "act.py", 10),
        ("high", "shell", "act.py", 11),
        ("high", "pickle", "act.py", 13),
        ("high", "yaml", "act.py", 15),
        ("high", "eval", "act.py", 19),
        ("high", "private-key", "key.pem", 1),
        ("high", "mode", "open.txt", 0),
        ("high", "token", "open.txt", 1),
        ("medium", "password", "act.py", 6),
        ("medium", "mode", "key.pem", 0),
        ("low", "weak-hash", "act.py", 16),
        ("low", "unread", "broken.py", 1),
    ]
    assert (result["files"], result["high"], result["medium"], result["low"], result["excused"]) == (4, 8, 2, 2, 1)
    assert "0123456789abcdef" not in str(result)
    assert "ghp_" not in str(result) + "".join(call.emitted)


async def test_no_odd_file_stops_the_look(call: Caller) -> None:
    (call.root / "deep.py").write_text("f(shell=" + "+".join("1" for _ in range(50_000)) + ")\n")
    (call.root / "nested.py").write_text("f(" * 5_000 + ")" * 5_000)
    (call.root / "long.py").write_text("password = '" + "x" * 500_000 + "'\n")
    (call.root / "binary.py").write_bytes(b"\0eval(1)")
    (call.root / "huge.py").write_text("eval(1)\n" * 200_000)
    (call.root / "nowhere.py").symlink_to("gone")
    os.mkfifo(call.root / "pipe.py")
    result = await call("security_scanner", fail_on="never")
    assert result["files"] == 5
    assert {each["file"] for each in result["findings"]} <= {"deep.py", "nested.py"}


async def test_the_threshold_decides_what_is_a_failure(call: Caller) -> None:
    (call.root / "a.py").write_text("import hashlib\nhashlib.md5(b'')\n")
    assert (await call("security_scanner"))["low"] == 1
    assert (await call("security_scanner", fail_on="low", ignore=["*.py"]))["files"] == 0
    failure = await call.failure("security_scanner", fail_on="low")
    assert (failure.name, failure.kind) == ("InsecureProject", "business")
    assert failure.message == "0 high, 0 medium, 1 low; the worst: a.py:2: hashlib.md5: MD5 is broken"


def release(root: Path, *versions: str) -> None:
    for version in versions:
        (root / "releases" / version / "deep").mkdir(parents=True)
        (root / "releases" / version / "deep" / "file").write_text(version)


async def test_the_newest_releases_stay_and_what_a_link_leads_to(call: Caller) -> None:
    release(call.root, "1.0", "1.2", "1.10", "2.0rc1", "2.0", "v1.9", "notes", ".removing-0.9")
    (call.root / "outside").mkdir()
    os.symlink(call.root / "outside", call.root / "releases" / "0.1")
    os.symlink(call.root / "outside", call.root / "releases" / "1.2" / "deep" / "out")
    os.symlink("releases/v1.9/deep", call.root / "current")
    (call.root / "outside" / "precious").write_text("x")
    assert (await call.preview("version_cleanup")).body == "- 1.10\n- 1.2\n- 1.0\n  2.0\n  2.0rc1\n  v1.9 (served)\n"
    assert await call("version_cleanup") == {
        "folder": "releases",
        "kept": ["2.0", "2.0rc1", "v1.9"],
        "served": ["v1.9"],
        "removed": ["1.10", "1.2", "1.0"],
        "left_alone": ["0.1", "notes"],
    }
    assert sorted(os.listdir(call.root / "releases")) == ["0.1", "2.0", "2.0rc1", "notes", "v1.9"]
    assert (call.root / "outside" / "precious").read_text() == "x"
    assert (await call("version_cleanup", keep=1, serving=["2.0rc1"]))["removed"] == []
    assert (await call("version_cleanup", keep=1))["removed"] == ["2.0rc1"]


async def test_releases_are_nowhere_but_in_the_workspace(call: Caller) -> None:
    assert (await call.failure("version_cleanup")).message == "there is no folder releases"
    (call.root / ".git").mkdir()
    assert (await call.failure("version_cleanup", releases=".git")).kind == "denied"
    assert (await call.failure("version_cleanup", releases="..")).kind == "denied"
    release(call.root, "1.0")
    assert (await call.failure("version_cleanup", keep=0)).kind == "validation"
