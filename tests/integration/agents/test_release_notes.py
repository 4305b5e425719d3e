"""The built-in workflow on a real repository, with all services as the application builds them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.paths import find_paths
from tests.support.openai_server import OpenAIServer, answer
from tests.support.plans import until
from tests.support.repositories import git, make_repository
from workflows.runs.state import RunState

NO_AI = "No AI wrote or checked this text."


async def run(root: Path, environ: Mapping[str, str] | None = None, **given: object) -> RunState:
    """Run release-notes as a person who approves what is shown."""
    base = {"PATH": os.environ["PATH"], "UNDERSTUDY_HOME": str(root.parent / "home")}
    environ = {**base, **(environ or {})}
    async with open_services(find_paths(environ, root), environ) as services:
        desk = Desk(services)
        file = desk.load("release-notes")
        assert file.diagnostics == ()
        driver = await desk.start(desk.propose(file, given), attended=True)
        run_id = driver.state.run_id
        await until(lambda: bool(driver.committed.open_inquiries) or driver.committed.over)
        for inquiry in driver.committed.open_inquiries:
            assert inquiry.asked.reason == "approval", inquiry.asked.title
            await driver.answer(inquiry.asked.entry, "approve", by="ada")
        return await services.engine.finished(run_id)


def mentions(text: str) -> list[str]:
    """The hashes that the notes name, in order."""
    return re.findall(r"`([0-9a-f]{7,40})`", text)


async def test_every_commit_since_the_tag_is_named_once(tmp_path: Path) -> None:
    root = tmp_path / "project"
    hashes = make_repository(root, commits=130, tag_at=[20])
    state = await run(root)
    assert state.status == "succeeded", state.failure
    notes = (root / "RELEASE_NOTES.md").read_text()
    assert sorted(mentions(notes)) == sorted(each[:7] for each in hashes[20:])
    assert "110 commits by 3 people since v1.0.0" in notes
    assert [line for line in notes.splitlines() if line.startswith("## ")] == [
        "## Added",
        "## Changed",
        "## Removed",
        "## Fixed",
        "## Documentation",
        "## People",
    ]
    assert NO_AI in notes.splitlines()[-1]
    assert notes.endswith("*\n")


async def test_without_a_model_the_run_shows_who_failed_and_who_stood_in(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=3)
    state = await run(root)
    step = state.steps["notes"]
    assert [(attempt.performer, attempt.status) for attempt in step.attempts] == [
        ("writer", "failed"),
        ("editor", "failed"),
        ("template-writer", "succeeded"),
    ]
    assert step.attempts[0].failure is not None
    assert step.attempts[0].failure.message == "No model is configured."
    assert state.outputs["simulated"] is True
    assert state.outputs["written_by"] == "template-writer"
    assert state.spent.simulated


async def test_with_a_model_the_writer_writes(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=3, tag_at=[1])
    async with OpenAIServer(answer("# Release notes\n\n- All new.\n\n\n")) as server:
        environ = {
            "OPENAI_API_KEY": "sk-test-0123456789",
            "OPENAI_BASE_URL": server.base_url,
            "UNDERSTUDY_MODEL": "openai/gpt-4o",
        }
        state = await run(root, environ, audience="developers")
        assert state.status == "succeeded", state.failure
        assert (root / "RELEASE_NOTES.md").read_text() == "# Release notes\n\n- All new.\n"
        assert (state.outputs["written_by"], state.outputs["simulated"]) == ("writer", False)
        system, user = server.requests[0].body["messages"]
        assert "never an instruction" in system["content"]
        assert "for developers of the project" in user["content"].replace("\\n", " ")
        assert "tools" not in server.requests[0].body


async def test_parameters_reach_the_file(tmp_path: Path) -> None:
    root = tmp_path / "project"
    hashes = make_repository(root, commits=6, tag_at=[2])
    state = await run(
        root,
        since=hashes[3],
        output="docs/CHANGES.md",
        title="Version 2",
        commit_url="https://example.org/p/commit/",
        audience="developers",
    )
    assert state.status == "succeeded", state.failure
    notes = (root / "docs" / "CHANGES.md").read_text()
    assert notes.startswith("# Version 2\n")
    assert f"since {hashes[3]}" in notes
    assert set(re.findall(r"\]\(https://example\.org/p/commit/(\w{40})\)", notes)) == set(hashes[4:])
    assert len(mentions(notes)) == 2


async def test_an_old_file_is_shown_as_a_change_and_kept(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=2)
    (root / "RELEASE_NOTES.md").write_text("# By hand\n")
    state = await run(root)
    (inquiry,) = state.inquiries.values()
    assert "-# By hand" in inquiry.asked.body
    assert state.steps["publish"].output["backup"]


async def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_repository(root, commits=4, tag_at=[4])
    state = await run(root)
    assert state.status == "succeeded"
    assert state.outputs == {"notes": None, "file": None, "commits": 0, "written_by": None, "simulated": False}
    assert not (root / "RELEASE_NOTES.md").exists()


MESSAGES = [
    # message, section, a part of the notes
    (
        "feat(parser)!: read tags\n\nBREAKING CHANGE: use `x`\ninstead of y.\n\nMore.",
        "Breaking changes",
        "**parser:** Read tags",
    ),
    ("Drop Python 3.8\n\nBREAKING-CHANGE: it is gone.", "Breaking changes", "\n  it is gone."),
    ("fix: stop <script>", "Fixed", "Stop &lt;script>"),
    ("Fixes #12 for good", "Fixed", "Fixes #12 for good"),
    ("Security: check the path", "Security", "Check the path"),
    ("docs: say [so](http://evil)", "Documentation", "Say \\[so](http://evil)"),
    ("Note: nothing of this is a prefix", "Other changes", "Note: nothing of this is a prefix"),
    ('Revert "feat: x"', "Reverted", "Revert"),
    ("chore(deps): bump `[x]`", "Maintenance", "**deps:** Bump `[x]`"),
    ("perf: reuse buffers", "Changed", "- Reuse buffers"),
    ("Überarbeite alles", "Other changes", "Überarbeite alles"),
]


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The notes of a repository with all of these messages, by section."""
    import asyncio

    root = tmp_path_factory.mktemp("messages") / "project"
    make_repository(root, commits=1, tag_at=[1])
    for number, (message, _, _) in enumerate(MESSAGES, start=2):
        git(root, "commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-F", "-", number=number, stdin=message)
    git(root, "checkout", "--quiet", "-b", "side", "HEAD~1")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "Add a side", number=30)
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "-m", "Merge branch 'side'", "side", number=31)
    state = asyncio.run(run(root, audience="developers"))
    assert state.status == "succeeded", state.failure
    notes = str(state.outputs["notes"])
    assert len(mentions(notes)) == len(MESSAGES) + 2
    heads = notes.split("\n## ")
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in heads}


@pytest.mark.parametrize(("message", "section", "part"), MESSAGES, ids=[m[0].split("\n")[0] for m in MESSAGES])
def test_where_a_commit_goes(sections: dict[str, str], message: str, section: str, part: str) -> None:
    assert part in sections[section]


def test_merges_come_last_and_in_short(sections: dict[str, str]) -> None:
    assert list(sections)[-2:] == ["Merges", "People"]
    assert re.fullmatch(r"\n`\w{7}`\n", sections["Merges"])
