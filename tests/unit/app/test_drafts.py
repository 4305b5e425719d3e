"""Saving what was written: whole, under a name, and over nothing that nobody named."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.container import open_services
from app.desk import Desk
from app.drafts import Taken, place_of, plan_of, read_draft, save
from app.editors import edit_file
from app.paths import Paths
from workflows.errors import UnderstudyError

TEXT = "name: Tidy\nsteps: [{id: a, type: transform, value: 1}]\n"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "log", tmp_path / "project")
    async with open_services(paths, {}, journal="none") as services:
        yield Desk(services)


async def test_a_draft_is_checked_and_planned_without_being_a_file(desk: Desk) -> None:
    file = read_draft(desk, "tidy", TEXT)
    assert file.workflow is not None
    assert [step.id for step in plan_of(desk, file.workflow).steps] == ["a"]
    assert read_draft(desk, "tidy", TEXT.replace("transform", "transfrom")).errors[0].line == 2
    assert not desk.services.paths.workspace.exists()


async def test_nothing_is_replaced_unless_it_is_said(desk: Desk) -> None:
    path = save(desk, "tidy", TEXT)
    path.chmod(0o640)
    with pytest.raises(Taken):
        save(desk, "tidy", "other")
    assert path.read_text() == TEXT
    assert save(desk, "tidy", "other", replace=True) == path
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("other", 0o640)
    assert [file.name for file in path.parent.iterdir()] == ["tidy.yaml"]


async def test_the_other_ending_is_the_same_workflow(desk: Desk) -> None:
    path = save(desk, "tidy", TEXT)
    path.rename(path.with_suffix(".yml"))
    assert place_of(desk, "tidy").suffix == ".yml"
    with pytest.raises(Taken):
        save(desk, "tidy", TEXT)


async def test_a_link_is_replaced_and_not_written_through(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    path = save(desk, "tidy", TEXT)
    path.unlink()
    path.symlink_to(other)
    save(desk, "tidy", TEXT, replace=True)
    assert (other.read_text(), path.is_symlink()) == ("mine", False)


@pytest.mark.parametrize("name", ["", "../tidy", "a/b", ".tidy", "tidy.yaml", "-x", "a" * 65])
async def test_a_name_stays_in_the_folder(desk: Desk, name: str) -> None:
    with pytest.raises(UnderstudyError, match="no name"):
        save(desk, name, TEXT)


async def test_what_cannot_be_written_is_said(desk: Desk) -> None:
    desk.services.paths.workspace.mkdir(parents=True)
    (desk.services.paths.workspace / "workflows").write_text("a file")
    with pytest.raises(UnderstudyError, match="cannot be written: a file stands where a folder should"):
        save(desk, "tidy", TEXT)


@pytest.mark.parametrize(("editor", "said"), [("no-such-editor", "cannot be started"), ("false", "ended with 1")])
async def test_an_editor_that_does_not_work_is_said(tmp_path: Path, editor: str, said: str) -> None:
    with pytest.raises(UnderstudyError, match=said):
        await edit_file(tmp_path / "a.yaml", {"EDITOR": editor})
