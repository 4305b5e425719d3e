"""Saving a skill file is noticed by itself, wherever its folder comes from."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from skills.discover import user_folder, workspace_folder
from skills.layers import Reloaded
from skills.registry import Registry
from skills.watch import watch
from tests.support.skill_calls import Caller, write_skill

GOOD = "from skills import skill\n@skill\ndef hello() -> int:\n    return {}\n"


class Watched:
    """A registry that is being watched, and the changes it reports, one after the other."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "ws"
        self.config = tmp_path / "config"
        self.root.mkdir()
        self.registry = Registry([user_folder(self.config), workspace_folder(self.root)], lambda _: True)
        self.changes: asyncio.Queue[Reloaded] = asyncio.Queue()
        self.registry.listen(self.changes.put_nowait)

    async def until(self, name: str, *, broken: bool = False, gone: bool = False) -> Reloaded:
        async with asyncio.timeout(60):
            while True:
                change = await self.changes.get()
                if change.name == name and bool(change.problems) == broken and (change.new is None) == gone:
                    return change


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(tmp_path)
    task = asyncio.ensure_future(watch(watched.registry))
    yield watched
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [other.get_name() for other in asyncio.all_tasks() if "anext" in repr(other.get_coro())] == []


async def test_folders_that_appear_change_and_go_are_followed(watched: Watched) -> None:
    for _ in range(2):
        path = write_skill(watched.root, "mine", GOOD.format(1))
        first = await watched.until("hello")
        path.write_text(GOOD.format(2))
        second = await watched.until("hello")
        assert second.old == first.new
        assert watched.registry.get("hello").source == GOOD.format(2).encode()
        shutil.rmtree(watched.root / ".understudy")
        await watched.until("hello", gone=True)


async def test_the_users_folder_is_watched_too(watched: Watched) -> None:
    (watched.config / "skills").mkdir(parents=True)
    (watched.config / "skills" / "mine.py").write_text(GOOD.format(1))
    await watched.until("hello")
    assert watched.registry.get("hello").scope == "user"


async def test_a_file_that_is_moved_into_place_counts(watched: Watched) -> None:
    path = write_skill(watched.root, "mine", GOOD.format(1))
    await watched.until("hello")
    new = path.with_suffix(".tmp")
    new.write_text(GOOD.format(2))
    new.rename(path)
    await watched.until("hello")
    assert watched.registry.get("hello").source == GOOD.format(2).encode()


async def test_a_broken_edit_is_told_with_its_line_and_mended_in_use(watched: Watched) -> None:
    path = write_skill(watched.root, "mine", GOOD.format(1))
    await watched.until("hello")
    call = Caller(watched.root, registry=watched.registry)
    assert await call("hello") == 1
    path.write_text(GOOD.format(2) + "    oops(\n")
    change = await watched.until("hello", broken=True)
    assert change.problems
    assert (change.problems[0].file, change.problems[0].line) == (str(path), 5)
    assert await call("hello") == 1
    path.write_text(GOOD.format(3))
    await watched.until("hello")
    assert await call("hello") == 3
    await call.invoker.aclose()
