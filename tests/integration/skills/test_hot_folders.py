"""Skill folders and declared commands are read again as they are saved, whatever file of them is."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from skills.discover import workspace_folders
from skills.layers import Reloaded
from skills.registry import Registry
from skills.watch import watch
from tests.support.skill_folders import write_folder

COMMAND = "name: there\ndescription: d\ncommand: [ls{}]\n"


@pytest.fixture
async def changes(tmp_path: Path) -> AsyncIterator[asyncio.Queue[Reloaded]]:
    heard: asyncio.Queue[Reloaded] = asyncio.Queue()
    registry = Registry(workspace_folders(tmp_path), lambda _: True)
    registry.listen(heard.put_nowait)
    task = asyncio.create_task(watch(registry))
    yield heard
    task.cancel()
    await asyncio.wait((task,))


async def until(changes: asyncio.Queue[Reloaded], name: str, *, gone: bool = False) -> Reloaded:
    """The next change of this name that is not the same version again."""
    async with asyncio.timeout(60):
        while True:
            change = await changes.get()
            if change.name == name and (change.new is None) == gone:
                return change


async def test_a_folder_is_read_again_whatever_file_of_it_changes(
    tmp_path: Path, changes: asyncio.Queue[Reloaded]
) -> None:
    path = write_folder(tmp_path / ".claude" / "skills", "count-words")
    first = await until(changes, "count-words")
    (path.parent / "scripts").mkdir()
    (path.parent / "scripts" / "new.py").write_text("print(1)")
    second = await until(changes, "count-words")
    assert second.old == first.new
    (path.parent / "scripts" / "new.py").write_text("print(2)")
    third = await until(changes, "count-words")
    assert third.old == second.new
    path.write_text("---\nname: count-words\n---\n")
    broken = await until(changes, "count-words")
    assert (broken.new, broken.problems[0].line) == (third.new, 2)
    shutil.rmtree(path.parent)
    await until(changes, "count-words", gone=True)


async def test_a_command_is_read_again(tmp_path: Path, changes: asyncio.Queue[Reloaded]) -> None:
    folder = tmp_path / ".understudy" / "skills"
    folder.mkdir(parents=True)
    (folder / "there.yaml").write_text(COMMAND.format(""))
    first = await until(changes, "there")
    (folder / "there.yaml").write_text(COMMAND.format(", -l"))
    assert (await until(changes, "there")).old == first.new


async def test_a_folder_that_a_link_leads_to_is_watched_too(tmp_path: Path, changes: asyncio.Queue[Reloaded]) -> None:
    real = write_folder(tmp_path / "elsewhere", "count-words", files={"scripts/a.py": "1"}).parent
    folder = tmp_path / ".agents" / "skills"
    folder.mkdir(parents=True)
    (folder / "count-words").symlink_to(real)
    first = await until(changes, "count-words")
    (real / "scripts" / "a.py").write_text("2")
    assert (await until(changes, "count-words")).old == first.new
