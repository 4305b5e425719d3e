"""An agent's file that is edited while the program runs is read again; a broken one is told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.catalog import Catalog, workspace_folders
from skills.layers import Reloaded
from skills.watch import watch


@pytest.fixture
async def changes(tmp_path: Path) -> AsyncIterator[asyncio.Queue[Reloaded]]:
    """What a catalog that is being watched reports."""
    heard: asyncio.Queue[Reloaded] = asyncio.Queue()
    catalog = Catalog(workspace_folders(tmp_path), lambda _: True)
    catalog.listen(heard.put_nowait)
    task = asyncio.create_task(watch(catalog))
    yield heard
    task.cancel()
    await asyncio.wait((task,))


async def test_agents_are_reloaded_as_they_are_saved(tmp_path: Path, changes: asyncio.Queue[Reloaded]) -> None:
    folder = tmp_path / ".understudy" / "agents"
    async with asyncio.timeout(60):
        await asyncio.sleep(0)
        folder.mkdir(parents=True)
        file = folder / "helper.md"
        file.write_text("---\nname: helper\ndescription: Helps\n---\nOne\n")
        first = await changes.get()
        assert (first.name, first.old, first.problems) == ("helper", None, ())
        file.write_text("---\nname: helper\n---\nTwo\n")
        broken = await changes.get()
        assert (broken.name, broken.new) == ("helper", first.new)
        assert "needs 'description'" in broken.problems[0].message
        file.write_text("---\nname: helper\ndescription: Helps\n---\nThree\n")
        mended = await changes.get()
        assert (mended.name, mended.old, mended.problems) == ("helper", first.new, ())
        assert mended.new != first.new
