"""Templates that deliver and test, on real repositories, programs and servers of this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.pages import serving
from tests.support.repositories import commit, git, make_repository
from tests.support.templates import approvals, outputs_of, run_template


def make_site(root: Path) -> None:
    """A repository with two released versions of a page."""
    make_repository(root, commits=1)
    for number, version in enumerate(("1.0.0", "2.0.0"), 2):
        (root / "index.html").write_text(f"<h1>{version}</h1>")
        commit(root, f"Release {version}", number=number)
        git(root, "tag", f"v{version}", number=number)
    (root / ".gitignore").write_text("deployments\n")


async def test_deployment_switches_after_a_yes_and_keeps_what_was_live(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_site(root)
    first = await run_template(root, "deployment", version="v1.0.0", environment="staging")
    assert outputs_of(first)["previous"] is None
    with serving(root / "deployments" / "staging" / "current") as address:
        settings = f"network: {{allow_hosts: ['{address}']}}\n"
        url = f"http://{address}/index.html"
        second = await run_template(
            root, "deployment", settings=settings, version="v2.0.0", environment="staging", url=url, keep=1
        )
    outputs = outputs_of(second)
    place = root / "deployments" / "staging"
    assert (outputs["release"], outputs["previous"], outputs["answered"]) == ("v2.0.0", "v1.0.0", 200)
    assert (place / "current" / "index.html").read_text() == "<h1>2.0.0</h1>"
    assert [each.name for each in (place / "releases").iterdir()] == ["v2.0.0"]
    assert (place / "backups" / "before-v2.0.0.tar.gz").stat().st_size == os.path.getsize(root / str(outputs["backup"]))
    assert approvals(second) == ["deploy_release", "old_releases"]


async def test_deployment_puts_the_old_one_back_where_the_new_one_does_not_answer(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_site(root)
    marker = root / "restarts.txt"
    script = root / "restart.sh"
    script.write_text(f"#!/bin/sh\ncat index.html >> {marker}\ngrep -q 1.0.0 index.html\n")
    script.chmod(0o755)
    restart = [str(script)]
    await run_template(root, "deployment", version="v1.0.0", environment="production", restart=restart)
    state = await run_template(root, "deployment", version="v2.0.0", environment="production", restart=restart)
    assert state.status == "failed"
    assert (root / "deployments" / "production" / "current" / "index.html").read_text() == "<h1>1.0.0</h1>"
    assert marker.read_text() == "<h1>1.0.0</h1><h1>2.0.0</h1><h1>1.0.0</h1>"


async def test_deployment_without_a_yes_changes_nothing_that_is_served(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_site(root)
    state = await run_template(root, "deployment", answer="deny", version="main", environment="staging")
    assert state.status == "failed"
    assert not (root / "deployments" / "staging" / "current").exists()


def make_tests(root: Path, *, red: bool = False) -> None:
    (root / "src").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['src']\n")
    (root / "src" / "shop.py").write_text("def half(n):\n    return n / 2\n\n\ndef twice(n):\n    return n * 2\n")
    for suite, call, wanted in (("unit", "half", 2), ("integration", "twice", 9 if red else 8)):
        folder = root / "tests" / suite
        folder.mkdir(parents=True)
        (folder / f"test_{suite}.py").write_text(
            "import unittest\nfrom shop import " + call + "\n\n\nclass Works(unittest.TestCase):\n"
            f"    def test_{call}(self):\n        self.assertEqual({call}(4), {wanted})\n"
        )


async def test_testing_covers_with_all_suites_together(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_tests(root)
    outputs = outputs_of(await run_template(root, "testing", test_suite="unit, integration", coverage_threshold=100))
    assert (outputs["passed"], outputs["coverage"]) == (2, 100)
    assert "| tests/unit | passed | 1 passed | 75 |" in str(outputs["report"])


async def test_testing_runs_every_suite_and_fails_for_a_red_one(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_tests(root, red=True)
    state = await run_template(root, "testing")
    assert state.status == "failed"
    assert state.failure is not None
    assert state.failure.message == "1 of 2 suites failed: tests/integration"
    detail = json.dumps(state.steps["verdict"].attempts[-1].failure.detail)  # type: ignore[union-attr]  # it failed
    assert "test_twice" in detail
    assert "1 passed" in detail
