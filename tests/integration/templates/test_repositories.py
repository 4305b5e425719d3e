"""Templates about repositories, on real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repositories import commit, git, make_repository
from tests.support.templates import approvals, outputs_of, run_template

PLAIN = "No AI wrote or checked this text."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a released version and a branch `feature` with a fault."""
    root = tmp_path / "project"
    make_repository(root, commits=6, tag_at=[2])
    git(root, "checkout", "--quiet", "-b", "feature")
    (root / "src" / "shop.py").write_text("import os\n\n\ndef ask(name):\n    os.system(name)  # TODO: another way\n")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## [1.0.0] - 2024-01-01\n\n### Added\n\n- All of it\n")
    commit(root, "feat(shop)!: ask for a name", number=7)
    return root


async def test_changelog_goes_under_unreleased_and_what_stands_there_stays(root: Path) -> None:
    state = await run_template(root, "changelog", since="v1.0.0")
    assert outputs_of(state)["written_by"] == "plain-writer"
    text = (root / "CHANGELOG.md").read_text()
    assert text.startswith("# Changelog\n\n## Unreleased\n\n### Breaking changes\n\n- **shop:** Ask for a name\n")
    assert text.endswith("\n\n## [1.0.0] - 2024-01-01\n\n### Added\n\n- All of it\n")
    assert [line for line in text.splitlines() if line.startswith("### ")][1:] == [
        "### Added",
        "### Removed",
        "### Fixed",
        "### Documentation",
        "### Added",
    ]
    assert approvals(state) == ["write_changelog"]
    assert outputs_of(await run_template(root, "changelog", since="v1.0.0"))["added"] == 0


async def test_code_review_finds_what_rules_can_see(root: Path) -> None:
    state = await run_template(root, "code-review", branch="feature", output="REVIEW.md")
    outputs = outputs_of(state)
    assert (outputs["verdict"], outputs["high"], outputs["simulated"]) == ("change", 1, True)
    review = (root / "REVIEW.md").read_text()
    assert "- **high** `src/shop.py:5`: data can be run as code" in review
    assert "- **low** `src/shop.py:5`: something is left to do" in review
    assert PLAIN in review
    assert approvals(state) == ["write_review"]


async def test_code_review_of_what_is_not_committed_writes_nothing(root: Path) -> None:
    git(root, "checkout", "--quiet", "main")
    (root / "src" / "module_1.py").write_text("<<<<<<< ours\nVALUE = 2\n")
    state = await run_template(root, "code-review")
    assert "`src/module_1.py:1`: a mark of a merge conflict" in str(outputs_of(state)["review"])
    assert approvals(state) == []


@pytest.mark.parametrize("kind", ["md", "html"])
async def test_repository_report_counts_and_names(root: Path, kind: str) -> None:
    outputs = outputs_of(await run_template(root, "repository-report", format=kind))
    page = (root / f"repository-report.{kind}").read_text()
    assert (outputs["commits"], outputs["file"]) == (7, f"repository-report.{kind}")
    assert ("<h1>Repository report</h1>" if kind == "html" else "# Repository report\n") in page
    assert "Grace Hopper" in page
    assert "v1.0.0" in page
    assert "another way" in page
    assert PLAIN in page


async def test_docs_refresh_mends_what_rules_can_and_tells_the_rest(root: Path) -> None:
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nrequires-python = ">=3.11"\n')
    (root / "docs").mkdir()
    (root / "docs" / "start.md").write_text("# Start\n\nBack to the [shop](../shop.py).\n")
    readme = "# Shop\n\nNeeds Python 3.8 or newer. See [start](start.md), [gone](gone.md).\n\n"
    (root / "README.md").write_text(readme + '```python\nimport json\nraise SystemExit("no more")\n```\n')
    state = await run_template(root, "docs-refresh", run_examples=True)
    outputs = outputs_of(state)
    assert (outputs["broken_links"], outputs["broken_examples"]) == (3, 1)
    assert (root / "docs" / "start.md").read_text() == "# Start\n\nBack to the [shop](../src/shop.py).\n"
    assert "Needs Python 3.11 or newer. See [start](docs/start.md), [gone](gone.md)" in (root / "README.md").read_text()
    assert "line 3: the link to gone.md: there is no such file" in str(outputs["files"])
    assert "no more" in str(outputs["files"])
    assert sorted(approvals(state)) == ["mend_files[0]>write_file", "mend_files[1]>write_file", "run_examples"]


async def test_commit_message_names_what_is_staged_and_commits_it_after_a_yes(root: Path) -> None:
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    (root / "src" / "shop.py").write_text("pass\n")
    (root / "notes.txt").write_text("not staged\n")
    git(root, "add", "src/shop.py")
    state = await run_template(root, "commit-message", commit=True)
    outputs = outputs_of(state)
    assert outputs["message"] == "Change shop.py\n\n- src/shop.py: 1 lines added, 5 removed"
    assert git(root, "log", "-1", "--format=%H %s").split(" ", 1) == [outputs["commit"], "Change shop.py\n"]
    assert git(root, "status", "--short") == "?? notes.txt\n"
    assert approvals(state) == ["commit_files"]


async def test_pull_request_text_is_about_the_branch(root: Path) -> None:
    outputs = outputs_of(await run_template(root, "pull-request", branch="feature"))
    text = str(outputs["text"])
    assert text.startswith("# feat(shop)!: ask for a name\n\n## Breaking changes\n")
    assert "- `src/shop.py`: 5 lines added, 0 removed" in text
    assert PLAIN in text


@pytest.mark.parametrize("template", ["pull-request", "code-review"])
async def test_the_branch_that_it_goes_into_is_found_whatever_it_is_called(root: Path, template: str) -> None:
    git(root, "branch", "--move", "main", "master")
    state = await run_template(root, template, branch="feature")
    assert state.steps["base"].output == {"branch": "master"}
    assert "shop.py" in str(state.steps["diff"].output)
