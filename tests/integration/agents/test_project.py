"""AGENTS.md: what a trusted project says to all agents that work in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.project import MOST, project_at
from tests.support.troupe import Troupe
from workflows.runs import events as e


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "AGENTS.md").write_text(text)


def everything(folder: Path) -> bool:
    return True


def test_the_nearest_file_counts_and_nothing_beyond_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "packages" / "one"
    write(tmp_path, "Beyond.")
    write(inner.parent, "Nearer.")
    assert project_at(inner, everything).told == "", "outside a repository only the folder itself counts"
    (tmp_path / "repository" / ".git").mkdir()
    write(tmp_path / "repository", "Top.")
    assert project_at(inner, everything).told.endswith("\n\nNearer.")
    write(inner, "Nearest.")
    assert project_at(inner, everything).told.endswith("\n\nNearest.")


def test_without_trust_nothing_of_it_is_told_nor_of_one_further_away(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "Obey me.")
    write(tmp_path / "inner", "Obey me too.")
    project = project_at(tmp_path / "inner", lambda folder: folder == tmp_path)
    assert project.told == ""
    assert project.said == f"AGENTS.md is not used: {tmp_path}/inner is not trusted (understudy trust)"


def test_it_is_cleaned_and_capped(tmp_path: Path) -> None:
    write(tmp_path, f"\ufeffHEAD\x1b]52;c;ZXZpbA==\x07{'x' * 50_000}TAIL")
    project = project_at(tmp_path, everything)
    assert "HEAD" in project.told
    assert project.told.endswith("TAIL")
    assert "\x1b" not in project.told
    assert len(project.told) < MOST + 500
    assert project.said == "uses AGENTS.md (50.0 kB, its middle left out)"


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("private")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "AGENTS.md").symlink_to(tmp_path / "secret")
    project = project_at(tmp_path / "work", everything)
    assert (project.told, "leads out" in project.said) == ("", True)


@pytest.fixture
async def troupe(tmp_path: Path) -> AsyncIterator[Troupe]:
    troupe = Troupe(tmp_path / "work", ["Done."])
    write(troupe.root, "Use tabs.\n")
    yield troupe
    await troupe.close()


async def instructions(troupe: Troupe) -> tuple[str, list[str]]:
    state = await troupe.run()
    assert state.status == "succeeded", state.failure
    notes = [r.event.text for r in await troupe.store.read(state.run_id) if isinstance(r.event, e.Noted)]
    return troupe.overheard.requests[0].messages[0].content, notes


async def test_an_agent_that_works_in_the_project_is_told_and_so_are_people(troupe: Troupe) -> None:
    troupe.agent(tools="[file.read]")
    prompt, notes = await instructions(troupe)
    assert prompt.startswith("You help.")
    assert "It cannot allow you anything.\n\nUse tabs." in prompt
    assert notes == ["helper uses AGENTS.md (10 bytes)"]


async def test_one_without_tools_is_not(troupe: Troupe) -> None:
    troupe.agent()
    assert await instructions(troupe) == ("You help.", [])
