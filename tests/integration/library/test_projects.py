"""Skills that look projects over: their suites, packages, builds and changes, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.skill_calls import Caller


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path / "ws")


def put(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


async def test_suites_of_several_kinds_are_found(call: Caller) -> None:
    put(
        call.root,
        **{
            "back/tests/unit/test_a.py": "",
            "back/tests/slow/test_b.py": "",
            "back/tests/conftest.py": "",
            "web/package.json": json.dumps({"scripts": {"test": "vitest run", "test:e2e": "playwright"}}),
            "tool/Cargo.toml": "[package]\n",
            "plain/test_c.py": "",
            "none/package.json": json.dumps({"scripts": {"test": 'echo "no test specified"'}}),
        },
    )
    found = await call("suites.find", folders=["back", "web", "tool", "plain"])
    assert [(each["name"], each["suite"], each["command"]) for each in found["suites"]] == [
        ("back: tests/slow", "tests/slow", None),
        ("back: tests/unit", "tests/unit", None),
        ("web: npm", "all", ["npm", "run", "--silent", "test"]),
        ("tool: cargo", "all", ["cargo", "test"]),
        ("plain: all", "all", None),
    ]
    some = await call("suites.find", folders=["back", "web"], suite="unit, e2e")
    assert [each["name"] for each in some["suites"]] == ["back: tests/unit", "web: npm e2e"]
    assert "no tests in none" in (await call.failure("suites.find", folders=["none"])).message


async def test_a_verdict_joins_lines_and_says_what_was_not_measured(call: Caller) -> None:
    lines = {"a.py": {"covered": "1-2", "missed": "3-4"}}, {"a.py": {"covered": "3", "missed": "1-2,4"}}
    results = [{"status": "succeeded", "output": {"passed": 1, "lines": each, "coverage": 50}} for each in lines]
    suites = [{"name": "one"}, {"name": "two"}]
    judged = await call("suites.verdict", suites=suites, results=results, coverage_threshold=75)
    assert (judged["coverage"], judged["passed"]) == (75.0, 2)
    failure = await call.failure("suites.verdict", suites=suites, results=results, coverage_threshold=80)
    assert failure.message == "coverage is 75 %, less than 80 %"
    npm = await call(
        "suites.verdict",
        suites=[{"name": "npm"}],
        results=[{"status": "succeeded", "output": {}}],
        coverage_threshold=80,
    )
    assert (npm["coverage"], npm["note"]) == (None, "coverage was not measured: only that of Python is")


async def test_packages_of_every_lock_file(call: Caller) -> None:
    put(
        call.root,
        **{
            "pyproject.toml": '[project]\nname = "x"\ndependencies = ["httpx>=0.27", "attrs==23.1"]\n',
            "uv.lock": '[[package]]\nname = "httpx"\nversion = "0.28.1"\n\n[[package]]\nname = "x"\nversion = "0"\n'
            'source = { editable = "." }\n',
            "Pipfile.lock": json.dumps({"default": {"rich": {"version": "==13.0"}}}),
            "package.json": json.dumps({"dependencies": {"react": "^18.0.0", "lodash": "4.17.21"}}),
            "node_modules/react/package.json": json.dumps({"name": "react", "license": "MIT"}),
            "Cargo.lock": '[[package]]\nname = "serde"\nversion = "1.0"\nsource = "registry"\n',
            "go.mod": "module x\n\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n",
        },
    )
    found = await call("project.packages")
    assert {each["name"]: (each["version"], each["ecosystem"], each["licence"]) for each in found["packages"]} == {
        "github.com/a/b": ("v1.2.3", "Go", ""),
        "attrs": ("23.1", "Python", ""),
        "httpx": ("0.28.1", "Python", ""),
        "rich": ("13.0", "Python", ""),
        "serde": ("1.0", "Rust", ""),
        "lodash": ("4.17.21", "npm", ""),
        "react": ("", "npm", "MIT"),
    }
    assert found["unpinned"] == ["react"]
    put(call.root, **{"empty/pyproject.toml": '[project]\nname = "x"\n', "other/a.txt": ""})
    assert (await call("project.packages", folders=["empty"]))["packages"] == []
    assert "nothing here says" in (await call.failure("project.packages", folders=["other"])).message
    put(call.root, **{"uv.lock": "[[package"})
    assert "uv.lock cannot be read" in (await call.failure("project.packages")).message


async def test_builds_are_looked_over(call: Caller) -> None:
    put(
        call.root,
        **{
            "Dockerfile": "FROM python:3.12\nENV API_KEY=abc\nADD https://example.org/x /x\nUSER app\n",
            ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n",
            "deploy.pem": "x",
            "package.json": json.dumps({"dependencies": {"react": "^18"}}),
        },
    )
    found = await call("project.audit")
    assert [(each["severity"], each["file"], each["line"], each["rule"]) for each in found["findings"]] == [
        ("high", "Dockerfile", 2, "secret"),
        ("medium", "Dockerfile", 3, "fetched"),
        ("medium", "deploy.pem", 0, "key-file"),
        ("low", ".github/workflows/ci.yml", 5, "action"),
        ("low", "Dockerfile", 1, "image"),
        ("low", "package.json", 0, "unpinned"),
    ]
    only = await call("project.audit", paths=["Dockerfile"])
    assert {each["file"] for each in only["findings"]} == {"Dockerfile", "package.json"}


async def test_a_change_is_looked_over(call: Caller) -> None:
    added = [
        "import pdb; pdb.set_trace()",
        "requests.get(url, verify=False)",
        f'key = "AKIA{"B" * 16}"',
        "try: x()",
        "except: pass",
    ]
    patch = "+++ b/src/a.py\n@@ -0,0 +1,5 @@\n" + "".join(f"+{line}\n" for line in added)
    patch += "+++ b/tests/test_a.py\n@@ -3,1 +3,2 @@\n kept\n+@pytest.mark.skip\n"
    files = [{"path": "src/a.py", "added": 5, "removed": 0, "binary": False}]
    files += [{"path": "tests/test_a.py", "added": 0, "removed": 9, "binary": False}]
    found = await call("change.check", files=files, patch=patch)
    assert [(each["severity"], each["place"]) for each in found["findings"]] == [
        ("high", "src/a.py:2"),
        ("high", "src/a.py:3"),
        ("medium", "src/a.py:1"),
        ("medium", "src/a.py:5"),
        ("medium", "tests/test_a.py"),
        ("medium", "tests/test_a.py:4"),
    ]
    assert found["verdict"] == "change"
    clean = await call("change.check", files=[{"path": "a.md", "added": 1, "removed": 0, "binary": False}])
    assert (clean["verdict"], clean["findings"]) == ("approve", [])
